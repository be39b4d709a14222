import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Keeps compiled code between runs, in this process and in those that it starts, where Node can (>= 22.8): in the folder
 * that `NODE_COMPILE_CACHE` names, else in `$XDG_CACHE_HOME/gantry` or `~/.cache/gantry`, which only the user can write.
 * Where that cannot be written, everything works without. `NODE_DISABLE_COMPILE_CACHE=1` turns it off.
 *
 * Holds for what is imported after it. A module of its own, without imports, so that this can be everything else.
 */
export function enableCompileCache(): void {
  // Not declared by the types of the oldest Node.
  const { enableCompileCache: enable } = module as { readonly enableCompileCache?: (folder: string) => unknown }
  if (enable === undefined || process.env['NODE_COMPILE_CACHE'] !== undefined) return
  const folder = cacheFolder()
  if (folder === undefined) return
  enable(folder)
  process.env['NODE_COMPILE_CACHE'] = folder
}

function cacheFolder(): string | undefined {
  try {
    return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gantry', 'compiled')
  } catch {
    // A user without an entry among the system's users has no home.
    return undefined
  }
}
