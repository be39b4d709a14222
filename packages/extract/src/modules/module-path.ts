import { basename } from 'node:path'

/** True for a path that names a module, not a file of rows. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path)
}

/** The name of a pipeline that is said nowhere: the module's file, up to its first dot. */
export function pipelineNameOf(path: string): string {
  return basename(path).split('.')[0] ?? ''
}
