/** What an error of the operating system means for the person who ran the command; undefined for any other error. */
export function describeSystemError(error: Error): string | undefined {
  const { code, path } = error as NodeJS.ErrnoException
  const where = path === undefined ? '' : ` ${path}`
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return (
        `No permission to write${where === '' ? ' there' : where}. Change its permissions, or choose another folder for ` +
        'the packages by --pipelines-dir or DLT_DATA_DIR.'
      )
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full, writing${where} failed. Free some space and run the command again.`
    case 'EMFILE':
    case 'ENFILE':
      return 'Too many files are open. Raise the limit (ulimit -n) and run the command again.'
    default:
      return undefined
  }
}
