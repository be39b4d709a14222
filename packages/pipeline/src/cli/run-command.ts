import {
  capabilitiesOf,
  Configuration,
  pipelineDestination,
  abortOnSignals,
  checkLoadFormat,
  countFlag,
  destinationFlags,
  Display,
  helpText,
  InvalidUsage,
  normalizeFlags,
  parseCommand,
  pipelinesDir,
  readNewestState,
  schemaFlags,
  sharedFlags,
  sharedOptions,
  workingFolder,
  type Command,
  type DestinationFlag,
  type Flag,
  type SchemaFlag,
  type NormalizeFlag,
  type PipelineDeclaration,
  type SharedFlag,
} from '@gantry/common'
import type { OpenStage, StageOptions, StageProcess } from '@gantry/common/spawn'
import type { ExtractModuleRequest } from '@gantry/extract'
import { declaredPipeline, fileResource, hintsOf, inputFlags, moduleIn } from '@gantry/extract/arguments'
import type { StageProcesses } from '../stage-processes.ts'
import { skippedWarning } from '../pending.ts'
import { runInProcesses } from '../run.ts'

type RunFlag = SharedFlag | DestinationFlag | SchemaFlag | keyof typeof inputFlags | NormalizeFlag | 'on-pending'

const flags: Readonly<Record<RunFlag, Flag>> = {
  ...inputFlags,
  ...destinationFlags,
  ...schemaFlags,
  ...normalizeFlags,
  'on-pending': {
    value: '<what>',
    choices: ['finish', 'continue'],
    help: 'With packages of an earlier run pending: finish those and leave the new data, or continue with it (default: finish).',
  },
  ...sharedFlags,
}

const command: Command<RunFlag> = {
  name: 'gantry run',
  args: '<module or files…>',
  summary:
    'Loads a module that exports a resource, source or pipeline, or JSON and JSONL files, into typed, linked tables: extract, normalize and load, each in a process of its own.',
  flags,
  examples: [
    'gantry run events.jsonl',
    'gantry run github.ts --pipeline-name github',
    'gantry run orders.json customers.jsonl.gz --pipeline-name shop',
    'cat events.jsonl | gantry run - --table events',
  ],
}

/** `gantry run`, in processes that may be open already; the caller releases them. @returns the exit code */
export async function runCommand(argv: readonly string[], stages: StageProcesses): Promise<number> {
  const parsed = parseCommand(command, argv)
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  if (parsed.args.length === 0)
    throw new InvalidUsage('Which files? For example: gantry run events.jsonl. See: gantry run --help')
  const settings = Configuration.open()
  const options = sharedOptions(parsed, settings)
  const hints = hintsOf(parsed)
  const loaderFileFormat = parsed.text('file-format')
  const module = moduleIn(parsed.args)
  // Faults of the command line are found before any process starts.
  if (module === undefined) for (const file of parsed.args) fileResource(file, hints)
  const display = new Display('run', options)
  const isQuiet = options.isJson || !process.stderr.isTTY
  const { signal } = abortOnSignals()
  // Ends a module's process that is not needed, too.
  const ending = new AbortController()
  try {
    const program =
      module === undefined
        ? undefined
        : await openModule(module, stages.take('extract'), {
            display,
            signal: AbortSignal.any([signal, ending.signal]),
          })
    const { refresh, ...common } = declaredPipeline(parsed, options, program)
    const configuration = settings.forPipeline(common.pipelineName)
    const state = await readNewestState(workingFolder(pipelinesDir(common.pipelinesDir), common.pipelineName))
    checkLoadFormat(capabilitiesOf(pipelineDestination(common.destination, configuration, state)), loaderFileFormat)
    const {
      info,
      stages: runs,
      isSkipped,
    } = await runInProcesses(
      {
        common,
        input: program === undefined ? { files: parsed.args } : { module: program.process },
        hints,
        refresh,
        loaderFileFormat,
        workers: countFlag(parsed, 'workers'),
        onPending: (parsed.text('on-pending') ?? 'finish') as 'finish' | 'continue',
      },
      {
        stages,
        display,
        signal,
        configuration,
        onStage({ stage, pid, seconds }) {
          if (isQuiet) return
          display.clear()
          process.stderr.write(`${stage.padEnd(10)}${seconds.toFixed(2).padStart(8)} s   pid ${pid}\n`)
        },
      },
    )
    display.clear()
    if (isSkipped) display.log.warn(skippedWarning)
    process.stdout.write(
      options.isJson
        ? `${JSON.stringify({ ...info.toJSON(), skipped: isSkipped, stages: runs })}\n`
        : `${String(info)}\n`,
    )
    return 0
  } finally {
    ending.abort()
    display.clear()
  }
}

/** A user's module, imported in the process that will extract it. */
interface Program {
  readonly path: string
  readonly process: StageProcess
  /** Where it exports a pipeline. */
  readonly pipeline: PipelineDeclaration | undefined
}

/** @throws {ModuleImportFailed} @throws {InvalidUsage} */
async function openModule(path: string, extract: OpenStage, options: StageOptions): Promise<Program> {
  const request = { module: path } satisfies ExtractModuleRequest
  const process_ = extract.start(request, options)
  return { path, process: process_, pipeline: (await process_.paused) as PipelineDeclaration | undefined }
}
