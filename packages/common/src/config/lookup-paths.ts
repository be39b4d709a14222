/** Where a field is looked for, from the most special place to the bare key. */
export interface LookupPlace {
  /** Sections of whoever asks: `['sources', 'chess_com', 'chess']`. */
  readonly sections: readonly string[]
  /** Fields that the asked one stands in: `['credentials']`. */
  readonly embedded?: readonly string[]
  /** A section that every path ends with: `destination` settings have `['destination', name]` as sections and none. */
  readonly own?: string
}

/**
 * The sections under which a field is tried, in their order (dlt `dlt/common/configuration/resolve.py`,
 * `_resolve_single_provider_value` and `dlt/common/configuration/providers/provider.py`): sections and embedded fields, of
 * which the last is taken away until none is left; the innermost embedded field stands in for the own section and never
 * goes. `sources.S.N` is also tried as `sources.N`.
 */
export function lookupPaths({ sections, embedded = [], own }: LookupPlace): readonly (readonly string[])[] {
  const inner = embedded.at(-1)
  const isInnerNamed = inner !== undefined && !inner.startsWith('_')
  const last = isInnerNamed ? inner : own
  const outer = embedded.slice(0, -1).filter((name) => !name.startsWith('_'))
  const all = [...sections.filter((name) => name !== ''), ...outer]
  const prefixes = all.map((_, at) => all.slice(0, all.length - at))
  prefixes.push([])
  const [first, section, name] = sections
  if (first === 'sources' && name !== undefined && section !== name) {
    const compact = [first, name, ...outer]
    if (!prefixes.some((path) => path.join('.') === compact.join('.'))) prefixes.splice(2, 0, compact)
  }
  return prefixes.map((path) => (last === undefined ? path : [...path, last]))
}
