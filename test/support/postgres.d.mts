/** A server for tests. One that the environment names is not ours to crash. */
export type TestPostgres =
  | { readonly isOwn: false; readonly url: string; stop(): Promise<void> }
  | {
      readonly isOwn: true
      readonly url: string
      readonly port: number
      stop(): Promise<void>
      crash(signal?: NodeJS.Signals): Promise<void>
      restart(): Promise<void>
    }

export function startPostgres(options?: { readonly fsync?: boolean }): Promise<TestPostgres>
