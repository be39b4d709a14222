import { unknownKeyProblem } from '../../hints/invalid-hint.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/** Refuses keys that are none of the known ones. @throws {InvalidRestConfig} names place and key */
export function checkOptions(given: object, known: readonly string[], place: string): void {
  const problem = unknownKeyProblem(given, known, place)
  if (problem !== undefined) throw new InvalidRestConfig(problem.message, { place, key: problem.key })
}
