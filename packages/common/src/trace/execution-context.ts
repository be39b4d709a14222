import { availableParallelism, release, type } from 'node:os'
import { libraryVersion } from '../library-version.ts'

/** Where a pipeline ran: nothing that tells who or on which machine. */
export interface ExecutionContext {
  readonly ciRun: boolean
  /** Version of Node. */
  readonly node: string
  /** Processors that this process may use. */
  readonly cpu: number
  readonly os: { readonly name: string; readonly version: string }
  readonly library: { readonly name: string; readonly version: string }
}

export function executionContext(env: Readonly<Record<string, string | undefined>> = process.env): ExecutionContext {
  return {
    ciRun: ['CI', 'TF_BUILD', 'JENKINS_URL', 'CODEBUILD_BUILD_ID'].some((name) => isOn(env[name])),
    node: process.versions.node,
    cpu: availableParallelism(),
    os: { name: type(), version: release() },
    library: { name: 'gantry', version: libraryVersion() },
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase())
}
