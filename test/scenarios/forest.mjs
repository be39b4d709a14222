/*
 * Rows of a dataset compared up to the names of their ids. A row that is nested belongs to the row whose id it names, so
 * tables are a forest, and two datasets say the same where their forests do: each tree is written down without its ids,
 * its branches sorted. An id that stands for itself in what is expected (no symbol) is compared as it is.
 */

const idColumns = ['_dlt_id', '_dlt_parent_id', '_dlt_root_id']

/**
 * @param expected  rows by table; ids that are symbols are those of one run in other words
 * @param found  the same, with the ids that are there
 * @returns what differs, a line each
 */
export function compareForests(expected, found) {
  const problems = []
  const literal = literalIds(expected)
  const wanted = new Forest(expected, literal)
  const actual = new Forest(found, literal)
  for (const table of Object.keys(expected)) {
    const rows = wanted.of(table).map((node) => node.content)
    const foundRows = actual.of(table).map((node) => node.content)
    problems.push(...differences(rows, foundRows).map((text) => `${table}: ${text}`))
  }
  if (problems.length > 0) return problems
  for (const table of Object.keys(expected)) {
    const [count, foundCount] = [wanted, actual].map((forest) => new Set(forest.of(table).map(({ id }) => id)).size)
    if (count !== foundCount) problems.push(`${table}: ${foundCount} ids in _dlt_id for ${count}`)
  }
  const trees = differences(wanted.trees(), actual.trees())
  return [...problems, ...trees.map((text) => `rows are the same, but do not belong together as they should: ${text}`)]
}

/** Ids in what is expected that are no symbols, by table and column. */
function literalIds(tables) {
  const ids = new Set()
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      for (const column of idColumns) {
        if (typeof row[column] === 'string' && !isSymbol(row[column])) ids.add(`${table} ${column} ${row[column]}`)
      }
    }
  }
  return ids
}

export function isSymbol(id) {
  return /^@.+\[.*\]/.test(id) || id === '@random' || id === '@any'
}

class Forest {
  #nodes = []
  #byId = new Map()

  constructor(tables, literal) {
    for (const [table, rows] of Object.entries(tables)) {
      for (const row of rows) {
        const node = { table, row, id: row._dlt_id, children: [], parent: undefined }
        this.#nodes.push(node)
        this.#byId.set(`${table} ${node.id}`, node)
      }
    }
    const names = Object.keys(tables)
    for (const node of this.#nodes) {
      const id = node.row._dlt_parent_id
      if (id === undefined) continue
      node.parent = this.#parentOf(node.table, id, names)
      node.parent.children.push(node)
    }
    for (const node of this.#nodes) node.content = contentOf(node, literal)
  }

  of(table) {
    return this.#nodes.filter((node) => node.table === table)
  }

  /** Each root with all that hangs on it, without ids. */
  trees() {
    const roots = [...this.#byId.values()].filter(({ parent, isGone }) => parent === undefined || isGone)
    return roots.map((root) => `${root.table}: ${treeText(root)}`)
  }

  /** The row of the nearest table above that has the id; a stand-in where that row is gone. */
  #parentOf(table, id, names) {
    const above = names.filter((name) => table.startsWith(`${name}__`)).toSorted((a, b) => b.length - a.length)
    // Where names are shortened, the parent's is no part of the child's.
    const others = names.filter((name) => name !== table && !above.includes(name))
    for (const name of [...above.slice(0, 1), ...others]) {
      const found = this.#byId.get(`${name} ${id}`)
      if (found !== undefined) return found
    }
    const key = `gone ${id}`
    const gone = this.#byId.get(key) ?? { table: 'gone', row: {}, id, children: [], isGone: true, content: '{"gone"}' }
    this.#byId.set(key, gone)
    return gone
  }
}

function contentOf(node, literal) {
  const content = {}
  for (const [column, value] of Object.entries(node.row).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!idColumns.includes(column)) content[column] = value
    else if (literal.has(`${node.table} ${column} ${value}`)) content[column] = value
    else content[column] = placeOf(node, column, value)
  }
  return stableText(content)
}

/** What an id says, in place of the id. */
function placeOf(node, column, value) {
  if (column === '_dlt_id') return '@id'
  if (column === '_dlt_parent_id') return node.parent.isGone ? '@gone' : '@parent'
  let root = node
  while (root.parent !== undefined) root = root.parent
  return root.id === value ? '@root' : '@another'
}

function treeText({ content, children }) {
  return children.length === 0
    ? content
    : `${content} with [${children
        .map((child) => `${child.table}: ${treeText(child)}`)
        .toSorted()
        .join(', ')}]`
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function stableText(value) {
  return JSON.stringify(value, (_, item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

const shown = 3

/** What one multiset of texts has and the other has not, a few of each. */
export function differences(expected, found) {
  const left = new Map()
  for (const text of found) left.set(text, (left.get(text) ?? 0) + 1)
  const missing = expected.filter((text) => {
    const count = left.get(text) ?? 0
    if (count > 0) left.set(text, count - 1)
    return count === 0
  })
  const spare = [...left].flatMap(([text, count]) => Array.from({ length: count }, () => text))
  return [...list('expected', missing), ...list('found   ', spare)]
}

function list(what, texts) {
  const more = texts.length > shown ? [`${what} ${texts.length - shown} more`] : []
  return [...texts.slice(0, shown).map((text) => `${what} ${text}`), ...more]
}
