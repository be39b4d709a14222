import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import { flagOf } from '../config/coerce.ts'
import type { Configuration } from '../config/configuration.ts'
import { StepInfo } from '../info/step-info.ts'
import type { Logger } from '../log.ts'
import { exitCodeOf } from '../process/errors-across.ts'
import { hasErrorCode, writeFileAtomic } from '../storage/small-file.ts'
import type { WorkingFolder } from '../storage/folders.ts'
import { exceptionTraces } from './exception-traces.ts'
import { executionContext } from './execution-context.ts'
import { PipelineTrace, type TraceStepName } from './pipeline-trace.ts'

/**
 * Steps of packages with thousands of jobs take a megabyte each, and a step by itself reads and writes all of them: what
 * is stored stays below this, at the cost of the oldest steps.
 */
const maxStoredChars = 16_000_000

export interface TraceOptions {
  readonly pipelineName: string
  readonly folder: WorkingFolder
  readonly clock: Clock
  readonly log: Logger
  readonly configuration: Configuration
  /** The trace to go on with where the stored one is older or cannot be read. */
  readonly previous?: PipelineTrace | undefined
}

/** How a step ended. */
export interface StepOutcome {
  readonly startedAtMs: number
  readonly info?: StepInfo | null | undefined
  readonly error?: unknown
}

/**
 * The steps of one call, such as `run` or `gantry load`, on their way into the pipeline's trace. Nothing is written
 * before {@link TracedCall.save}, and where `RUNTIME__ENABLE_RUNTIME_TRACE` is false nothing at all.
 */
export class TracedCall {
  readonly #options: TraceOptions
  readonly #isEnabled: boolean
  readonly #isRun: boolean
  readonly #startedAtMs: number
  #trace: PipelineTrace | undefined
  #isUsageError = false

  private constructor(options: TraceOptions, isRun: boolean) {
    this.#options = options
    this.#isEnabled = flagOf(options.configuration.find('enable_runtime_trace', [['runtime'], []])) ?? true
    this.#isRun = isRun
    this.#startedAtMs = options.clock.nowMs()
  }

  /** A run: it begins a trace of its own. @throws {InvalidUsage} the setting is neither true nor false */
  static ofRun(options: TraceOptions): TracedCall {
    return new TracedCall(options, true)
  }

  /** A step by itself: it goes on with the trace that is there. @throws {InvalidUsage} as {@link TracedCall.ofRun} */
  static ofStep(options: TraceOptions): TracedCall {
    return new TracedCall(options, false)
  }

  /** The trace with the steps so far; undefined where traces are off. */
  get trace(): PipelineTrace | undefined {
    return this.#trace
  }

  /** Notes a step that has ended. */
  note(step: TraceStepName, { startedAtMs, info, error }: StepOutcome): void {
    if (!this.#isEnabled) return
    this.#isUsageError = error !== undefined && exitCodeOf(error) === 2
    const exceptions = error === undefined ? [] : exceptionTraces(error)
    this.#trace = (this.#trace ?? this.#base()).withStep({
      spanId: randomBytes(16).toString('hex'),
      step,
      startedAt: new Date(startedAtMs),
      finishedAt: new Date(this.#options.clock.nowMs()),
      stepInfo: info ?? null,
      stepException: exceptions[0]?.message ?? null,
      exceptionTraces: exceptions,
    })
  }

  /** Does a step and notes it; of a failure also the `stepInfo` that the error carries. */
  async step<Info extends StepInfo | null>(step: TraceStepName, work: () => Promise<Info>): Promise<Info> {
    const startedAtMs = this.#options.clock.nowMs()
    try {
      const info = await work()
      this.note(step, { startedAtMs, info })
      return info
    } catch (error) {
      const { stepInfo } = error as { stepInfo?: unknown }
      this.note(step, { startedAtMs, error, info: stepInfo instanceof StepInfo && step !== 'run' ? stepInfo : null })
      throw error
    }
  }

  /**
   * Replaces `trace.json`. A failure is a warning and nothing more; a call that was refused as wrong usage leaves no
   * trace.
   */
  async save(): Promise<void> {
    if (this.#trace === undefined || this.#isUsageError) return
    const path = this.#options.folder.trace
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFileAtomic(path, storedText(this.#trace))
    } catch (error) {
      this.#options.log.warn({ path, reason: (error as Error).message }, 'the trace could not be saved')
    }
  }

  #base(): PipelineTrace {
    const { folder, log, previous, pipelineName } = this.#options
    const stored = this.#isRun ? undefined : tryReadTrace(folder, log)
    const isStoredNewer = stored !== undefined && (previous === undefined || previous.finishedAt <= stored.finishedAt)
    const base = this.#isRun ? undefined : isStoredNewer ? stored : previous
    if (base !== undefined) return base
    const startedAt = new Date(this.#startedAtMs)
    return new PipelineTrace({
      transactionId: randomBytes(16).toString('hex'),
      pipelineName,
      executionContext: executionContext(),
      startedAt,
      finishedAt: startedAt,
      steps: [],
      resolvedConfigValues: [],
    })
  }
}

function storedText(trace: PipelineTrace): string {
  const text = `${JSON.stringify(trace)}\n`
  return text.length <= maxStoredChars || trace.steps.length === 1
    ? text
    : storedText(trace.withLastSteps(Math.ceil(trace.steps.length / 2)))
}

/** The stored trace; undefined where there is none, and with a warning where it cannot be read. */
export function tryReadTrace(folder: WorkingFolder, log: Logger): PipelineTrace | undefined {
  try {
    return PipelineTrace.parse(readFileSync(folder.trace, 'utf8'))
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) {
      log.warn({ path: folder.trace, reason: (error as Error).message }, 'the stored trace cannot be read')
    }
    return undefined
  }
}
