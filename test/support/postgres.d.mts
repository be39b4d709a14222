export interface TestPostgres {
  /** With user and password. */
  readonly url: string
  stop(): Promise<void>
}

export interface OwnPostgres extends TestPostgres {
  crash(signal?: NodeJS.Signals): Promise<void>
  restart(): Promise<void>
}

export function startPostgres(options: { readonly own: true; readonly fsync?: boolean }): Promise<OwnPostgres>
export function startPostgres(options?: { readonly fsync?: boolean }): Promise<TestPostgres>
