import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { createJiti, Jiti } from 'jiti'
import { InvalidUsage } from '../config/config-errors.ts'
import { TerminalError } from '../errors.ts'

/*
 * Modules of users. TypeScript works as it is: by Node's own type stripping where it has it, else by jiti; syntax that is
 * more than types (enums, namespaces) is not promised.
 */

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/** A user's module that fails while it is imported; `cause` is why. */
export class ModuleImportFailed extends TerminalError {
  override readonly code = 'module_import_failed'

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`The module ${path} cannot be imported: ${reason}`, { path }, { cause })
  }
}

/**
 * Imports a user's module.
 *
 * @throws {InvalidUsage} there is no such file
 * @throws {ModuleImportFailed}
 */
export async function importModule(path: string): Promise<ModuleExports> {
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new InvalidUsage(`There is no module ${path}. Check the path; it is relative to ${process.cwd()}.`, { path })
  }
  try {
    if (needsJiti(file)) return await openJiti(file).import<ModuleExports>(file)
    return (await import(pathToFileURL(file).href)) as ModuleExports
  } catch (error) {
    throw new ModuleImportFailed(path, error)
  }
}

/** Imports a user's module at once. @throws whatever the import throws, and where the module awaits at its top level */
export function importModuleSync(path: string): ModuleExports {
  const file = resolve(path)
  // A call of jiti is its `require`.
  return (needsJiti(file) ? openJiti(file)(file) : createRequire(import.meta.url)(file)) as ModuleExports
}

function needsJiti(file: string): boolean {
  // Not declared by the types of the oldest Node.
  const { typescript } = process.features as { readonly typescript?: string | false }
  return /\.[cm]?ts$/.test(file) && !typescript
}

function openJiti(file: string): Jiti {
  const jiti = createRequire(import.meta.url)('jiti') as { readonly createJiti: typeof createJiti }
  // Node is tried first, as Gantry itself would otherwise be read anew, and be there twice. TypeScript it refuses.
  return jiti.createJiti(file, { interopDefault: false, fsCache: false, tryNative: true })
}
