import { resolve } from 'node:path'
import { declarationOf, importModule, InvalidUsage, type PipelineDeclaration } from '@gantry/common'
import { isResource } from '../resource.ts'
import { isSource } from '../source.ts'

/** What a user's module brings along. */
export interface LoadedModule {
  readonly path: string
  /** In a form that a pipeline's `run` takes. */
  readonly data: unknown
  /** Where the module exports a pipeline. */
  readonly pipeline: PipelineDeclaration | undefined
}

/**
 * The data of a module: its default export, a resource or source, a list of them, rows, or a function that gives one of
 * these. Where the default export is a pipeline, the data are the resources and sources among the other exports.
 *
 * @throws {InvalidUsage} the module exports nothing of the kind
 * @throws {ModuleImportFailed}
 */
export async function loadModule(path: string): Promise<LoadedModule> {
  const { default: given, ...rest } = await importModule(path)
  if (given === undefined || given === null) {
    throw new InvalidUsage(
      `${path} has no default export. Export what is to be loaded: export default resource({ name: '…' }, rows).`,
      { path },
    )
  }
  const pipeline = declarationOf(given)
  if (pipeline === undefined) return { path, ...(await dataOf(given)) }
  const data = Object.values(rest).filter((one) => isResource(one) || isSource(one))
  if (data.length > 0) return { path, data, pipeline }
  throw new InvalidUsage(
    `${path} exports a pipeline, and nothing to load with it. Export its resources or sources beside it: export const orders = resource(…).`,
    { path },
  )
}

/**
 * What the module says of its pipeline to other processes: a sink is a function, which they take from the module
 * themselves.
 */
export function portableDeclaration({ path, pipeline }: LoadedModule): PipelineDeclaration | undefined {
  const { destination } = pipeline ?? {}
  if (typeof destination !== 'object' || destination.sink === undefined) return pipeline
  return { ...(pipeline as PipelineDeclaration), destination: resolve(path) }
}

/** A function may build the resources, or be the rows of one itself; then it gives the table its name. */
async function dataOf(given: unknown): Promise<Pick<LoadedModule, 'data' | 'pipeline'>> {
  if (typeof given !== 'function' || isGeneratorFunction(given)) return { data: given, pipeline: undefined }
  const built: unknown = await (given as () => unknown)()
  const isDeclared = [built].flat().every((one) => isResource(one) || isSource(one))
  return { data: isDeclared ? built : given, pipeline: undefined }
}

function isGeneratorFunction(value: object): boolean {
  return value.constructor.name.endsWith('GeneratorFunction')
}
