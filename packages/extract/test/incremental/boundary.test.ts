import { expect, it } from 'vitest'
import { Boundary, rowHash } from '../../src/incremental/boundary.ts'
import type { CursorKey } from '../../src/incremental/incremental.ts'

// Made by dlt 1.26.0: digest128(json.dumps(…, sort_keys=True)).
it.each<[string, CursorKey | undefined, string]>([
  ['{"id":1}', 'id', '669czW83KR00ut4bv/U5'],
  ['{"id":"a"}', 'id', 'HXVczKyPrzLoPDkJtIV8'],
  ['{"b":1,"a":"a"}', ['a', 'b'], 'aOEh7RHjHnfanEwTY/aP'],
  ['{"updated_at":1,"id":1}', undefined, 'USdGqaFczJ4SFWNbyZVS'],
  ['{"created_at":425}', undefined, 'StJ2BZVPSLF51nMPcurb'],
  ['{"k":"\uf0272024-05-02T00:00:00.5+02:00"}', ['k'], '2/1jJgs3WtE5SKCXtBKO'],
  ['{"k":"\uf0272024-05-02T00:00:00Z"}', ['k'], 'dVkvUlN36MzJHqbZUdgF'],
  ['{"k":"\uf0272024-05-02T00:00:00"}', ['k'], 'tGJhT/G6hK9ECk+pNndF'],
  ['{"k":"\uf0282024-05-02"}', ['k'], 'URnd9JbJujOPSl4qYAT5'],
  ['{"k":"\uf02d10:00:00.5"}', ['k'], 'Bqy1rc+84tdETvPNz6t0'],
  ['{"k":"\uf0261.50"}', ['k'], 'QqAxC1dqNeLphClJr09D'],
  ['{"k":"\uf02c5"}', ['k'], 'sv6HsBBlEtua5IGJi91R'],
  ['{"k":"\uf02bYWI="}', ['k'], 'Cj+7p2M3BHnazqtc3jpX'],
  ['{"k":"\uf02a0xff"}', ['k'], 'gJK3Cx0NWHDPNFGEUSqW'],
  ['{"\uffff":2,"\u{1F600}":1,"b":1.0,"a":1}', undefined, 'y2A/LpcS82Ig/eopWFkb'],
  ['{"\uffff":2,"\u{1F600}":1,"b":9007199254740993,"a":1}', undefined, '3Bo7O2EKfzqSStHlWi/O'],
  ['{"\uffff":2,"\u{1F600}":1,"b":null,"a":1}', undefined, 'ZoSefty6ZwbL51K4bJvD'],
  ['{"\uffff":2,"\u{1F600}":1,"b":1e-7,"a":1}', undefined, 'eGF7Kc4mjqXHsjB+gj5K'],
])("the hash of %s by %o is dlt's", (text, key, hash) => {
  expect(rowHash(text, key)).toBe(hash)
})

it('a row that dlt has seen is known by either form in which dlt prints UTC', () => {
  const text = '{"\uffff":2,"\u{1F600}":1,"b":"\uf0272024-05-01T00:00:00+00:00","a":1}'
  expect(new Boundary(undefined, ['0/sWBxSldtH4hHwCA3PB'], 'r').isSeen({}, () => text)).toBe(true)
  expect(new Boundary(undefined, [rowHash(text, undefined)], 'r').isSeen({}, () => text)).toBe(true)
  expect(new Boundary(undefined, ['0/sWBxSldtH4hHwCA3PA'], 'r').isSeen({}, () => text)).toBe(false)
})
