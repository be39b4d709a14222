/** In UTF-8; a pair of surrogates takes four bytes. */
const mostBytesOfChar = 3
/** What is kept for later lines: a buffer made anew for each costs more than to fill it. */
const mostKept = 8 << 20

/** Buffers that no line uses at the moment. */
const idle: Buffer[] = []

/** Puts rows together to an array in a line, for as long as it is being written. */
export async function writeRowLine(rows: readonly string[], write: (line: Uint8Array) => Promise<void>): Promise<void> {
  const chars = rows.reduce((sum, row) => sum + row.length, 0)
  // Something in front of each row, and two bytes at the end.
  const bytes = chars * mostBytesOfChar + rows.length + 2
  const kept = idle.pop()
  const buffer = kept !== undefined && kept.length >= bytes ? kept : Buffer.allocUnsafeSlow(bytes)
  await write(buffer.subarray(0, fill(buffer, rows)))
  if (buffer.length <= mostKept) idle.push(buffer)
}

function fill(line: Buffer, rows: readonly string[]): number {
  let end = 0
  for (const row of rows) {
    line[end] = end === 0 ? openList : comma
    end++
    end += line.write(row, end)
  }
  line[end++] = closeList
  line[end++] = newline
  return end
}

const openList = 0x5b
const comma = 0x2c
const closeList = 0x5d
const newline = 0x0a
