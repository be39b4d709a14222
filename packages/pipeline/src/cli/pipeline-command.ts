import {
  allJobs,
  helpText,
  InvalidUsage,
  openLog,
  parseCommand,
  sharedFlags,
  tryReadTrace,
  type Command,
  type Flag,
  type LoadPackageInfo,
  type Verbosity,
  type WorkingFolder,
} from '@gantry/common'
import { dropPendingPackages } from '../inspect/drop-pending.ts'
import { findPipelines, openPipelineFolder } from '../inspect/find-pipelines.ts'
import { pipelineInfoDict, pipelineInfoText, readPipelineInfo } from '../inspect/pipeline-info.ts'
import { readFailedPackages, readOnePackage } from '../inspect/read-packages.ts'

type PipelineFlag = 'list' | 'pipelines-dir' | 'verbosity' | 'json' | 'help'

const flags: Readonly<Record<PipelineFlag, Flag>> = {
  list: { help: 'List the pipelines that have a working folder.' },
  'pipelines-dir': sharedFlags['pipelines-dir'],
  verbosity: {
    value: '<level>',
    choices: ['0', '1', '2'],
    help: 'How much trace says: 1 has failed jobs too, 2 all jobs and where an error arose (default: 0).',
  },
  json: { help: 'Print one JSON document on standard output.' },
  help: sharedFlags.help,
}

/** What is printed: text for a person, a document for a program. */
interface Answer {
  readonly text: string
  readonly json: unknown
}

interface Place {
  readonly pipelineName: string
  readonly folder: WorkingFolder
  readonly verbosity: Verbosity
  /** What stands behind the action. */
  readonly rest: readonly string[]
}

interface Action {
  readonly help: string
  readonly takes?: string
  run(place: Place): Promise<Answer>
}

const actions: Readonly<Record<string, Action>> = {
  info: { help: 'Destination, dataset, schemas and packages (this is the default)', run: info },
  trace: { help: 'What the pipeline did last, step by step', run: trace },
  'failed-jobs': { help: 'Jobs that the destination refused, and why', run: failedJobs },
  'load-package': {
    help: 'One package and its jobs: that of the load id, or the newest',
    takes: 'id',
    run: loadPackage,
  },
  'drop-pending-packages': { help: 'Remove packages that wait to be normalized or loaded', run: dropPending },
}

const command: Command<PipelineFlag> = {
  name: 'gantry pipeline',
  args: '<name> [action]',
  summary: [
    'Looks into the working folder of a pipeline. Needs no database driver.',
    '',
    'Actions:',
    ...Object.entries(actions).map(([name, { help, takes }]) => {
      const left = takes === undefined ? name : `${name} [${takes}]`
      return `  ${left.padEnd(23)} ${help}`
    }),
  ].join('\n'),
  flags,
  examples: [
    'gantry pipeline --list',
    'gantry pipeline shop info',
    'gantry pipeline shop trace --json',
    'gantry pipeline shop load-package 1795290022.8484793',
  ],
}

/** `gantry pipeline`. @returns the exit code */
export async function pipelineCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseCommand(command, argv)
  const dir = parsed.text('pipelines-dir')
  const print = (answer: Answer): number => {
    process.stdout.write(`${parsed.isSet('json') ? JSON.stringify(answer.json) : answer.text}\n`)
    return 0
  }
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  const [pipelineName, name = 'info', ...rest] = parsed.args
  if (parsed.isSet('list')) return print(await list(dir))
  if (pipelineName === undefined) {
    throw new InvalidUsage('Which pipeline? For example: gantry pipeline shop info. To see all: gantry pipeline --list')
  }
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action === undefined) {
    throw new InvalidUsage(
      `There is no action "${name}". Actions: ${Object.keys(actions).join(', ')}. See: gantry pipeline --help`,
      { action: name },
    )
  }
  if (rest.length > (action.takes === undefined ? 0 : 1)) {
    throw new InvalidUsage(`${name} does not take "${rest.at(-1)}". See: gantry pipeline --help`, { action: name })
  }
  const folder = await openPipelineFolder(pipelineName, dir)
  const verbosity = Number(parsed.text('verbosity') ?? '0') as Verbosity
  return print(await action.run({ pipelineName, folder, verbosity, rest }))
}

async function list(dir: string | undefined): Promise<Answer> {
  const found = await findPipelines(dir)
  return {
    text:
      found.length === 0
        ? 'No pipelines found'
        : found
            .map(({ pipelineName, lastUsedAt }) => `${pipelineName}, last used at ${lastUsedAt.toISOString()}`)
            .join('\n'),
    json: found.map(({ pipelineName, lastUsedAt }) => ({ pipeline_name: pipelineName, last_used_at: lastUsedAt })),
  }
}

async function info({ pipelineName, folder }: Place): Promise<Answer> {
  const found = await readPipelineInfo(pipelineName, folder)
  return { text: pipelineInfoText(found), json: pipelineInfoDict(found) }
}

async function trace({ pipelineName, folder, verbosity }: Place): Promise<Answer> {
  const found = tryReadTrace(folder, openLog('pipeline'))
  return { text: found?.asText(verbosity) ?? `Pipeline ${pipelineName} has no trace`, json: found ?? null }
}

async function failedJobs({ pipelineName, folder }: Place): Promise<Answer> {
  const packages = await readFailedPackages(folder)
  return {
    text: packages.length === 0 ? `Pipeline ${pipelineName} has no failed jobs` : packages.map(failedText).join('\n'),
    json: packages.flatMap((found) => found.asDict()['jobs'] as { state: string }[]).filter(isFailed),
  }
}

function isFailed({ state }: { readonly state: string }): boolean {
  return state === 'failed_jobs'
}

function failedText(found: LoadPackageInfo): string {
  const jobs = allJobs(found).filter(isFailed)
  return [
    `Package ${found.loadId} is ${found.state.toUpperCase()} and contains ${jobs.length} FAILED job(s)!`,
    ...jobs.flatMap((job) => [`  ${job.jobId}: ${job.failedMessage ?? 'no message was kept'}`, `  ${job.filePath}`]),
  ].join('\n')
}

async function loadPackage({ pipelineName, folder, rest }: Place): Promise<Answer> {
  const found = await readOnePackage(folder, rest[0])
  return { text: found?.toString() ?? `Pipeline ${pipelineName} has no packages`, json: found ?? null }
}

async function dropPending({ pipelineName, folder }: Place): Promise<Answer> {
  const dropped = await dropPendingPackages(folder)
  const ids = [...dropped.normalized, ...dropped.extracted]
  return {
    text:
      ids.length === 0
        ? `Pipeline ${pipelineName} has no pending packages`
        : ['Removed:', ...ids.map((id) => `  package ${id}`)].join('\n'),
    json: { dropped },
  }
}
