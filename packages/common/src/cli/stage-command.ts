import { systemClock } from '../clock.ts'
import { Configuration } from '../config/configuration.ts'
import type { StepInfo } from '../info/step-info.ts'
import { abortOnSignals } from '../process/shutdown.ts'
import type { StageContext, StageName } from '../stage.ts'
import { pipelinesDir, workingFolder } from '../storage/folders.ts'
import { TracedCall } from '../trace/traced-call.ts'
import { helpText, parseCommand, type Command, type ParsedCommand } from './command.ts'
import { errorText } from './main.ts'
import { Display } from './display.ts'
import { sharedOptions, type SharedFlag, type SharedOptions } from './shared-flags.ts'
import { exitCodeOf } from '../process/errors-across.ts'

/** The working folder that arguments of a command ask for. */
type PipelinePlace = Pick<SharedOptions, 'pipelineName' | 'pipelinesDir'>

/** What a stage would do, where a flag asks for that only. It leaves no trace. */
export interface StagePreview<Name extends string> {
  readonly flag: Name
  run(parsed: ParsedCommand<Name>, options: SharedOptions, context: StageContext): Promise<{ toString(): string }>
}

/** What a stage's command prints at its end, and the error that ended it although there is something to print. */
export interface StageResult {
  readonly info: StepInfo
  readonly failure?: Error
}

/**
 * Runs one stage in this process: help, flags, log and progress on standard error, the info on standard output, a step
 * in the pipeline's trace.
 *
 * @param check  refuses arguments before anything is opened. @returns the pipeline's name, where they say it
 * @returns the exit code
 */
export async function runStageCommand<Name extends string>(
  stage: StageName,
  command: Command<Name | SharedFlag>,
  argv: readonly string[],
  check: (parsed: ParsedCommand<Name | SharedFlag>, options: SharedOptions) => Promise<PipelinePlace> | void,
  run: (
    parsed: ParsedCommand<Name | SharedFlag>,
    options: SharedOptions,
    context: StageContext,
  ) => Promise<StageResult>,
  preview?: StagePreview<Name | SharedFlag>,
): Promise<number> {
  const parsed = parseCommand(command, argv)
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  const settings = Configuration.open()
  const given = sharedOptions(parsed, settings)
  const options = { ...given, ...(await check(parsed, given)) }
  const configuration = settings.forPipeline(options.pipelineName)
  const display = new Display(stage, options)
  try {
    const { signal } = abortOnSignals()
    const context: StageContext = {
      log: display.log,
      progress: display.progress,
      clock: systemClock,
      configuration,
      signal,
    }
    const print = (result: { toString(): string }): void => {
      display.clear()
      process.stdout.write(`${options.isJson ? JSON.stringify(result) : result.toString()}\n`)
    }
    if (preview !== undefined && parsed.isSet(preview.flag)) {
      print(await preview.run(parsed, options, context))
      return 0
    }
    const { info, failure } = await traced(stage, options, context, () => run(parsed, options, context))
    print(info)
    if (failure === undefined) return 0
    process.stderr.write(`${errorText(failure)}\n`)
    return exitCodeOf(failure)
  } finally {
    display.clear()
  }
}

async function traced(
  stage: StageName,
  { pipelineName, pipelinesDir: dir }: SharedOptions,
  { clock, configuration, log }: StageContext,
  work: () => Promise<StageResult>,
): Promise<StageResult> {
  const folder = workingFolder(pipelinesDir(dir), pipelineName)
  const call = TracedCall.ofStep({ pipelineName, folder, clock, configuration, log })
  const startedAtMs = clock.nowMs()
  try {
    const result = await work()
    call.note(stage, { startedAtMs, info: result.info, error: result.failure })
    return result
  } catch (error) {
    call.note(stage, { startedAtMs, error })
    throw error
  } finally {
    await call.save()
  }
}
