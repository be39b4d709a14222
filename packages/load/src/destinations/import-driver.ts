import { hasErrorCode } from '@gantry/common'
import { MissingDriver } from '../errors.ts'

/**
 * Imports an optional driver.
 *
 * @param load  `import()` or `require()` of a literal name, so that a reader of the driver's file finds it
 * @throws {MissingDriver} only where this very package is not installed; any other failure is passed on
 */
export async function importDriver<Driver>(
  destination: string,
  packageName: string,
  load: () => Driver | Promise<Driver>,
): Promise<Driver> {
  try {
    return await load()
  } catch (cause) {
    const isMissing = hasErrorCode(cause, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND')
    if (isMissing && (cause as Error).message.includes(`'${packageName}'`)) {
      throw new MissingDriver(destination, packageName, { cause })
    }
    throw cause
  }
}
