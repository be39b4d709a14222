import {
  destinationFlags,
  ExtractInfo,
  InvalidUsage,
  runStageCommand,
  schemaFlags,
  sharedFlags,
  type Command,
  type DestinationFlag,
  type Flag,
  type PipelineDeclaration,
  type SchemaFlag,
  type SharedFlag,
} from '@gantry/common'
import { declaredPipeline, hintsOf, inputFlags, moduleIn, type InputFlag } from './arguments.ts'
import { extract } from './extract.ts'
import { bareSource, fileResource } from './extractable.ts'

type ExtractFlag = SharedFlag | DestinationFlag | SchemaFlag | InputFlag

const flags: Readonly<Record<ExtractFlag, Flag>> = {
  ...sharedFlags,
  ...destinationFlags,
  ...schemaFlags,
  ...inputFlags,
}

/** `gantry extract`, named as the program that runs it. */
export function extractCommand(name: string): Command<ExtractFlag> {
  return {
    name,
    args: '<module or files…>',
    summary:
      'Writes rows into a load package on disk: those of a module that exports a resource or source, or of JSON and JSONL files (standard input: -). Needs no database driver.',
    flags,
    examples: [
      `${name} events.jsonl --pipeline-name shop`,
      `${name} github.ts`,
      `${name} orders.json customers.jsonl.gz`,
      `cat events.jsonl | ${name} - --table events`,
    ],
  }
}

/** Runs `gantry extract` in this process. @returns the exit code */
export function extractMain(name: string, argv: readonly string[]): Promise<number> {
  let data: unknown
  let declared: PipelineDeclaration | undefined
  return runStageCommand<ExtractFlag>(
    'extract',
    extractCommand(name),
    argv,
    async (parsed, options) => {
      const hints = hintsOf(parsed)
      const { args } = parsed
      if (args.length === 0) {
        throw new InvalidUsage(`Which files, or which module? For example: ${name} events.jsonl. See: ${name} --help`)
      }
      const module = moduleIn(args)
      if (module === undefined) for (const file of args) fileResource(file, hints)
      const loaded =
        module === undefined ? undefined : await (await import('./modules/load-module.ts')).loadModule(module)
      data = loaded?.data
      declared = declaredPipeline(parsed, options, loaded)
      return { pipelineName: declared.pipelineName, pipelinesDir: declared.pipelinesDir }
    },
    async (parsed, { pipelineName }, context) => {
      const hints = hintsOf(parsed)
      const { schemaContract } = hints
      const request = { ...declared, pipelineName, schemaContract }
      if (data === undefined) {
        const files = bareSource(parsed.args.map((file) => fileResource(file, hints)))
        return { info: new ExtractInfo(await extract([files], request, context)) }
      }
      const { extractableSources } = await import('./extractable-sources.ts')
      const sources = await extractableSources(data, hints, context.configuration)
      return { info: new ExtractInfo(await extract(sources, request, context)) }
    },
  )
}
