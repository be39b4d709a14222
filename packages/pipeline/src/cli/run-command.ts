import {
  Configuration,
  pipelineDestination,
  abortOnSignals,
  checkLoadFormat,
  countFlag,
  destinationFlags,
  helpText,
  InvalidUsage,
  normalizeFlags,
  openLog,
  openProgress,
  parseCommand,
  schemaFlags,
  schemaFolders,
  sharedFlags,
  sharedOptions,
  type Command,
  type DestinationFlag,
  type Flag,
  type SchemaFlag,
  type NormalizeFlag,
  type SharedFlag,
} from '@gantry/common'
import { fileResource, hintsOf, inputFlags } from '@gantry/extract'
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
  args: '<files…>',
  summary:
    'Loads JSON and JSONL files into typed, linked tables: extract, normalize and load, each in a process of its own.',
  flags,
  examples: [
    'gantry run events.jsonl',
    'gantry run orders.json customers.jsonl.gz --pipeline-name shop',
    'cat events.jsonl | gantry run - --table events',
  ],
}

/** `gantry run`. @returns the exit code */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseCommand(command, argv)
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  if (parsed.args.length === 0)
    throw new InvalidUsage('Which files? For example: gantry run events.jsonl. See: gantry run --help')
  const settings = Configuration.open()
  const options = sharedOptions(parsed, settings)
  const configuration = settings.forPipeline(options.pipelineName)
  const hints = hintsOf(parsed)
  const destination = parsed.text('destination')
  const loaderFileFormat = parsed.text('file-format')
  // Faults of the command line are found before any process starts.
  checkLoadFormat(pipelineDestination(destination, configuration).type, loaderFileFormat)
  for (const file of parsed.args) fileResource(file, hints)
  const log = await openLog('run', options.logFormat)
  const display = openProgress(options.progress, (line, counter) => log.info({ counter }, line))
  const isQuiet = options.isJson || !process.stderr.isTTY
  try {
    const { info, stages, isSkipped } = await runInProcesses(
      {
        pipelineName: options.pipelineName,
        pipelinesDir: options.pipelinesDir,
        destination,
        datasetName: parsed.text('dataset-name'),
        loaderFileFormat,
        workers: countFlag(parsed, 'workers'),
        ...schemaFolders(parsed),
        files: parsed.args,
        hints,
        refresh: parsed.text('refresh'),
        onPending: (parsed.text('on-pending') ?? 'finish') as 'finish' | 'continue',
        logFormat: options.logFormat,
      },
      {
        progress: display.sink,
        signal: abortOnSignals().signal,
        log,
        configuration,
        onStage({ stage, pid, seconds }) {
          if (isQuiet) return
          display.close()
          process.stderr.write(`${stage.padEnd(10)}${seconds.toFixed(2).padStart(8)} s   pid ${pid}\n`)
        },
      },
    )
    display.close()
    if (isSkipped) log.warn(skippedWarning)
    process.stdout.write(
      options.isJson ? `${JSON.stringify({ ...info.toJSON(), skipped: isSkipped, stages })}\n` : `${String(info)}\n`,
    )
    return 0
  } finally {
    display.close()
  }
}
