import {
  columnBit,
  columnBytes,
  columnKind,
  columnName,
  columnNameBytes,
  columnPresence,
  columnSlot,
  kindBool,
  kindInteger,
  kindText,
} from './layout.ts'

/** Where the emitter finds the values of a column. */
export interface ColumnPlace {
  readonly kind: number
  /** Where value and presence bit are, counted from the row; of a constant, where its text is and how long. */
  readonly slot: number
  readonly presence: number
  readonly bit: number
  /** Address of its name as JSON has it in front of a value, with a comma, and how long that is. */
  readonly name: number
  readonly nameBytes: number
}

/** Columns as the emitter of lines reads them. */
export function columnList(columns: readonly ColumnPlace[]): Uint8Array {
  const list = new DataView(new ArrayBuffer(columns.length * columnBytes))
  for (const [index, { kind, slot, presence, bit, name, nameBytes }] of columns.entries()) {
    const at = index * columnBytes
    list.setInt32(at + columnKind, kind, true)
    list.setUint32(at + columnSlot, slot, true)
    list.setUint32(at + columnPresence, presence, true)
    list.setUint32(at + columnBit, bit, true)
    list.setUint32(at + columnName, name, true)
    list.setUint32(at + columnNameBytes, nameBytes, true)
  }
  return new Uint8Array(list.buffer)
}

/** True where a row holds the value as it came: it can be part of a key from which the row's id follows. */
export function isAsItCame({ kind }: ColumnPlace): boolean {
  return kind === kindText || kind === kindInteger || kind === kindBool
}
