/** Keys of options in dlt's spelling as Gantry spells them, nested ones too; names and `x-` hints stay as they are. */
export function camelCase(key) {
  return key.startsWith('x-') ? key : key.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase())
}

/** Hints of a resource or run in dlt's spelling as those of Gantry. */
export function hintsOf(given) {
  const hints = {}
  for (const [key, value] of Object.entries(given)) {
    const translate = translations[key] ?? ((same) => same)
    hints[camelCase(key)] = translate(value)
  }
  return hints
}

const translations = {
  write_disposition: camelKeys,
  schema_contract: camelKeys,
  columns: (columns) => mapValues(columns, camelKeys),
  nested_hints: (nested) => mapValues(nested, hintsOf),
  table_name: (name) =>
    typeof name === 'string'
      ? name
      : // Rows are read without loss, as objects with `get`.
        (row) => `${name.prefix ?? ''}${row.get(name.field)}${name.suffix ?? ''}`,
}

export function camelKeys(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), item]))
}

function mapValues(map, change) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}
