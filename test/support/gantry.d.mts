import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

export const root: string
export function testFolder(name: string): Promise<string>

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly keepInputOpen?: boolean
  readonly uid?: number
  readonly onStart?: (child: ChildProcessByStdio<null, Readable, Readable>) => void
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export type Bin = 'gantry' | 'gantry-extract' | 'gantry-normalize' | 'gantry-load'

export function run(
  bin: Bin | `gantry-${string}`,
  args: readonly string[],
  home: string,
  options?: RunOptions,
): Promise<Ended>
export function runNode(args: readonly string[], home: string, options?: RunOptions): Promise<Ended>
