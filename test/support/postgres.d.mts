export interface TestPostgres {
  /** With user and password. */
  readonly url: string
  stop(): Promise<void>
}

export interface OwnPostgres extends TestPostgres {
  crash(signal?: NodeJS.Signals): Promise<void>
  restart(): Promise<void>
}

export interface OwnOptions {
  readonly own: true
  readonly fsync?: boolean
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export function startPostgres(options: OwnOptions): Promise<OwnPostgres>
export function startPostgres(options?: { readonly fsync?: boolean }): Promise<TestPostgres>
