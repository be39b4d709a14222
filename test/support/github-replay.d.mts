export interface ReplayIssue {
  readonly number: number
  readonly id: number
  readonly title: string
  readonly state: string
  readonly created_at: string
  readonly updated_at: string
  readonly [field: string]: unknown
}

export interface ReplayEvent {
  readonly id: number
  readonly issue: ReplayIssue
  readonly [field: string]: unknown
}

export type Fault = number | 'slow' | 'reset' | 'broken'

export interface GithubReplay {
  readonly url: string
  /** Path and query of each request so far. */
  readonly requests: readonly string[]
  issues(): readonly ReplayIssue[]
  events(): readonly ReplayEvent[]
  putIssue(issue: Partial<ReplayIssue> & { readonly number: number }): void
  stop(): Promise<void>
}

export interface ReplayOptions {
  readonly token?: string
  readonly maxPerPage?: number
  readonly fault?: (request: number) => Fault | undefined
}

export function readReplayData(): { readonly events: readonly ReplayEvent[]; readonly issues: readonly ReplayIssue[] }
export function startGithubReplay(options?: ReplayOptions): Promise<GithubReplay>
