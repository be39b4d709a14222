import { TerminalError } from '@gantry/common'
import { isPlainObject } from '../../plain-values.ts'
import { JsonPath } from '../../json-path.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/** A row of the parent that does not have what its dependent resource asks for. */
export class ParentFieldMissing extends TerminalError {
  override readonly code = 'parent_field_missing'

  constructor(resource: string, parent: string, field: string, row: unknown) {
    const has = isPlainObject(row) ? `It has: ${Object.keys(row).join(', ')}` : 'It is no object'
    super(
      `Resource "${resource}" needs "${field}" of each row of "${parent}", and a row is without it. ${has}. ` +
        'Correct the field, or leave such rows out with a filter in "processingSteps" of the parent.',
      { resource, parent, field },
    )
  }
}

/** A field of the parent's row. */
export interface ParentReference {
  readonly parent: string
  readonly field: JsonPath
}

/** The reference in `resources.<parent>.<field>`; undefined for any other text. @throws {InvalidJsonPath} */
export function tryParentReference(text: string): ParentReference | undefined {
  const [, parent, field] = /^resources\.([^.]+)\.(.+)$/s.exec(text) ?? []
  return parent === undefined || field === undefined ? undefined : { parent, field: new JsonPath(field) }
}

/** What is wrong with the parents of resources: missing ones, and resources that depend on themselves. */
export function checkParents(parents: ReadonlyMap<string, string | undefined>): void {
  for (const [name, parent] of parents) {
    if (parent !== undefined && !parents.has(parent)) {
      throw new InvalidRestConfig(
        `Resource "${name}" depends on "${parent}", which is not there. Resources: ${[...parents.keys()].join(', ')}.`,
        { resource: name, parent },
      )
    }
    const chain = [name]
    for (let above = parent; above !== undefined; above = parents.get(above)) {
      chain.push(above)
      if (above === name) {
        throw new InvalidRestConfig(`Resource "${name}" depends on itself: ${chain.join(' -> ')}.`, { resource: name })
      }
      // A circle that this one only leads to is found from inside.
      if (chain.length > parents.size) break
    }
  }
}
