export class Loads {
  add(ids: readonly string[], expected?: object): void
  symbolOf(id: string): string | undefined
}
