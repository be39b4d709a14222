import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidUsage, TerminalError } from '@gantry/common'

/** A user's module that fails while it is imported; `cause` is why. */
export class ModuleImportFailed extends TerminalError {
  override readonly code = 'module_import_failed'

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`The module ${path} cannot be imported: ${reason}`, { path }, { cause })
  }
}

/**
 * Imports a user's module. TypeScript works as it is: by Node's own type stripping where it has it, else by jiti; syntax
 * that is more than types (enums, namespaces) is not promised.
 *
 * @throws {InvalidUsage} there is no such file
 * @throws {ModuleImportFailed}
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new InvalidUsage(`There is no module ${path}. Check the path; it is relative to ${process.cwd()}.`, { path })
  }
  try {
    const isTypeScript = /\.[cm]?ts$/.test(file)
    // Not declared by the types of the oldest Node.
    const { typescript } = process.features as { readonly typescript?: string | false }
    if (isTypeScript && !typescript) return await importByJiti(file)
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (error) {
    throw new ModuleImportFailed(path, error)
  }
}

async function importByJiti(file: string): Promise<Record<string, unknown>> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(file, { interopDefault: false, fsCache: false })
  return jiti.import<Record<string, unknown>>(file)
}
