/** `494B`, `1.8K`: powers of 1024, as dlt prints sizes of files. */
export function fileSizeText(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T']
  let unit = 0
  let size = bytes
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return unit === 0 ? `${size}B` : `${size.toFixed(1)}${units[unit]}`
}
