/** The closed list of column types, in dlt's words (`dlt/common/data_types/typing.py`). */
export const dataTypes = [
  'text',
  'bigint',
  'double',
  'bool',
  'timestamp',
  'date',
  'time',
  'binary',
  'json',
  'decimal',
  'wei',
] as const

/** One of the column types. A table `Record<DataType, …>` stops the build until it answers for each of them. */
export type DataType = (typeof dataTypes)[number]

/** True for one of the eleven type names; the old name `complex` is not one. */
export function isDataType(text: string): text is DataType {
  return (dataTypes as readonly string[]).includes(text)
}
