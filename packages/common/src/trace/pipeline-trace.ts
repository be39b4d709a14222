import { durationText } from '../info/duration.ts'
import { readStepInfo } from '../info/read-info.ts'
import { ExtractInfo, LoadInfo, NormalizeInfo, type StepInfo, type Verbosity } from '../info/step-info.ts'
import type { StageName } from '../stage.ts'
import type { ExceptionTrace } from './exception-traces.ts'
import type { ExecutionContext } from './execution-context.ts'

/*
 * What a pipeline did last, step by step: dlt's trace (`dlt/pipeline/trace.py`), kept as `trace.json` where dlt has a
 * pickle. The document has dlt's keys; the `run` step is in it too, with no info of its own, since it is that of load.
 */

const engineVersion = 1

/** A trace that goes on for long keeps its last steps. */
const maxSteps = 100

export type TraceStepName = StageName | 'run'

/** A setting that was looked up. A secret has no value here. */
export interface ResolvedConfigValue {
  readonly key: string
  readonly value: unknown
  readonly defaultValue: unknown
  readonly isSecretHint: boolean
  readonly sections: readonly string[]
  readonly providerName: string
  readonly configTypeName: string | null
}

/** One step: when it ran, and what came of it. */
export interface PipelineStepTrace {
  readonly spanId: string
  readonly step: TraceStepName
  readonly startedAt: Date
  readonly finishedAt: Date
  /** What the step had done, also where it failed later; of `run` the load info. */
  readonly stepInfo: StepInfo | null
  /** The error as text; null where there was none. */
  readonly stepException: string | null
  /** The error and its causes, outermost first. */
  readonly exceptionTraces: readonly ExceptionTrace[]
}

export interface PipelineTraceData {
  /** 32 hexadecimal digits. */
  readonly transactionId: string
  readonly pipelineName: string
  readonly executionContext: ExecutionContext
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly steps: readonly PipelineStepTrace[]
  readonly resolvedConfigValues: readonly ResolvedConfigValue[]
}

/** What a pipeline did last. `String(trace)` has a paragraph for each step. */
export class PipelineTrace {
  readonly transactionId: string
  readonly pipelineName: string
  readonly executionContext: ExecutionContext
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly steps: readonly PipelineStepTrace[]
  readonly resolvedConfigValues: readonly ResolvedConfigValue[]

  constructor(data: PipelineTraceData) {
    this.transactionId = data.transactionId
    this.pipelineName = data.pipelineName
    this.executionContext = data.executionContext
    this.startedAt = data.startedAt
    this.finishedAt = data.finishedAt
    this.steps = data.steps
    this.resolvedConfigValues = data.resolvedConfigValues
  }

  /** @throws {TypeError | SyntaxError} the text is no trace */
  static parse(text: string): PipelineTrace {
    return new PipelineTrace(readTrace(JSON.parse(text) as Dict))
  }

  /** The trace with one more step; the oldest step goes where there are too many. */
  withStep(step: PipelineStepTrace): PipelineTrace {
    return this.#with([...this.steps, step].slice(-maxSteps), step.finishedAt)
  }

  /** The trace without its older steps. */
  withLastSteps(count: number): PipelineTrace {
    return this.#with(this.steps.slice(-count), this.finishedAt)
  }

  #with(steps: readonly PipelineStepTrace[], finishedAt: Date): PipelineTrace {
    const { transactionId, pipelineName, executionContext, startedAt, resolvedConfigValues } = this
    return new PipelineTrace({
      transactionId,
      pipelineName,
      executionContext,
      startedAt,
      finishedAt,
      steps,
      resolvedConfigValues,
    })
  }

  /** The last step of that name. */
  lastPipelineStepTrace(step: TraceStepName): PipelineStepTrace | undefined {
    return this.steps.findLast((one) => one.step === step)
  }

  get lastExtractInfo(): ExtractInfo | undefined {
    const info = this.lastPipelineStepTrace('extract')?.stepInfo
    return info instanceof ExtractInfo ? info : undefined
  }

  get lastNormalizeInfo(): NormalizeInfo | undefined {
    const info = this.lastPipelineStepTrace('normalize')?.stepInfo
    return info instanceof NormalizeInfo ? info : undefined
  }

  get lastLoadInfo(): LoadInfo | undefined {
    const info = this.lastPipelineStepTrace('load')?.stepInfo
    return info instanceof LoadInfo ? info : undefined
  }

  /**
   * The trace in dlt's spelling, as a row that can be loaded: `run([trace.asDict()], { tableName: '_trace' })`. Without
   * values of settings, and without the `run` step unless it failed, since the others say the same.
   */
  asDict(): Record<string, unknown> {
    return {
      ...this.#head(),
      steps: this.steps
        .filter(({ step, stepException }) => step !== 'run' || stepException !== null)
        .map((step) => stepDict(step, (info) => info.asDict(), JSON.stringify)),
      resolved_config_values: this.resolvedConfigValues.map((value) => configDict(value)),
    }
  }

  /** What `trace.json` holds. */
  toJSON(): Record<string, unknown> {
    return {
      ...this.#head(),
      steps: this.steps.map((step) =>
        stepDict(
          step,
          (info) => info.toJSON(),
          (attrs) => attrs,
        ),
      ),
      resolved_config_values: this.resolvedConfigValues.map((value) => ({
        ...configDict(value),
        value: value.isSecretHint ? null : (value.value ?? null),
        default_value: value.isSecretHint ? null : (value.defaultValue ?? null),
      })),
    }
  }

  /** What a person reads: steps that failed with the error, others from verbosity 1 on with their info. */
  asText(verbosity: Verbosity = 0): string {
    const failed = this.steps.some(({ stepException }) => stepException !== null)
    const lines = [
      `Trace of pipeline ${this.pipelineName}: ${this.steps.length} step(s), begun at ${this.startedAt.toISOString()}, ` +
        `${failed ? 'FAILED' : 'COMPLETED'} after ${secondsText(this)}.`,
    ]
    for (const step of this.steps) {
      lines.push(
        '',
        `Step ${step.step} ${step.stepException === null ? 'COMPLETED' : 'FAILED'} in ${secondsText(step)}.`,
      )
      if (step.stepException !== null) lines.push(step.stepException)
      // What run did is what its steps say.
      if (step.stepInfo !== null && step.step !== 'run') lines.push(step.stepInfo.asText(verbosity))
      if (verbosity >= 2) for (const { stackTrace } of step.exceptionTraces.slice(-1)) lines.push(...stackTrace)
    }
    return lines.join('\n')
  }

  toString(): string {
    return this.asText()
  }

  #head(): Record<string, unknown> {
    const { ciRun, ...context } = this.executionContext
    return {
      transaction_id: this.transactionId,
      pipeline_name: this.pipelineName,
      execution_context: { ci_run: ciRun, ...context },
      started_at: this.startedAt,
      finished_at: this.finishedAt,
      engine_version: engineVersion,
    }
  }
}

function secondsText({ startedAt, finishedAt }: { readonly startedAt: Date; readonly finishedAt: Date }): string {
  return durationText((finishedAt.getTime() - startedAt.getTime()) / 1000)
}

/** Fields of an info that all steps have; the others get a name of their own, which gives tables of their own. */
const commonFields = new Set(['pipeline', 'loads_ids', 'load_packages', 'first_run', 'started_at', 'finished_at'])

function stepDict(
  step: PipelineStepTrace,
  infoDict: (info: StepInfo) => Record<string, unknown>,
  attrs: (attrs: Readonly<Record<string, unknown>>) => unknown,
): Record<string, unknown> {
  const info = step.stepInfo === null || step.step === 'run' ? undefined : Object.entries(infoDict(step.stepInfo))
  return {
    span_id: step.spanId,
    step: step.step,
    started_at: step.startedAt,
    finished_at: step.finishedAt,
    step_info: info === undefined ? null : Object.fromEntries(info.filter(([name]) => commonFields.has(name))),
    ...(info === undefined
      ? {}
      : { [`${step.step}_info`]: Object.fromEntries(info.filter(([name]) => !commonFields.has(name))) }),
    step_exception: step.stepException,
    exception_traces: step.exceptionTraces.map((trace) => ({
      message: trace.message,
      exception_type: trace.exceptionType,
      docstring: null,
      stack_trace: trace.stackTrace,
      is_terminal: trace.isTerminal,
      exception_attrs: attrs(trace.exceptionAttrs),
      load_id: trace.loadId,
      job_id: trace.jobId,
      pipeline_name: trace.pipelineName,
      source_name: trace.sourceName,
      resource_name: trace.resourceName,
    })),
  }
}

function configDict(value: ResolvedConfigValue): Record<string, unknown> {
  return {
    key: value.key,
    is_secret_hint: value.isSecretHint,
    sections: value.sections,
    provider_name: value.providerName,
    config_type_name: value.configTypeName,
  }
}

type Dict = Readonly<Record<string, unknown>>

function readTrace(dict: Dict): PipelineTraceData {
  if (dict['engine_version'] !== engineVersion) {
    throw new TypeError(`engine_version is ${String(dict['engine_version'])}, this version reads ${engineVersion}`)
  }
  const steps: PipelineStepTrace[] = []
  for (const step of dict['steps'] as Dict[]) {
    const load = steps.findLast((earlier) => earlier.step === 'load')
    steps.push(readStep(step, load?.stepInfo ?? null))
  }
  const { ci_run: ciRun, ...context } = dict['execution_context'] as Record<string, unknown>
  return {
    transactionId: String(dict['transaction_id']),
    pipelineName: String(dict['pipeline_name']),
    executionContext: { ciRun: ciRun === true, ...context } as unknown as ExecutionContext,
    startedAt: new Date(dict['started_at'] as string),
    finishedAt: new Date(dict['finished_at'] as string),
    steps,
    resolvedConfigValues: (dict['resolved_config_values'] as Dict[]).map(readConfigValue),
  }
}

function readStep(dict: Dict, loadInfo: StepInfo | null): PipelineStepTrace {
  const step = dict['step'] as TraceStepName
  const common = (dict['step_info'] ?? null) as Dict | null
  const stepException = (dict['step_exception'] ?? null) as string | null
  const rest = dict[`${step}_info`] as Dict | undefined
  const ofRun = stepException === null ? loadInfo : null
  return {
    spanId: String(dict['span_id']),
    step,
    startedAt: new Date(dict['started_at'] as string),
    finishedAt: new Date(dict['finished_at'] as string),
    stepInfo: step === 'run' ? ofRun : common === null ? null : readStepInfo(step, { ...common, ...rest }),
    stepException,
    exceptionTraces: (dict['exception_traces'] as Dict[]).map(readException),
  }
}

function readException(dict: Dict): ExceptionTrace {
  const nullable = (key: string): string | null => (dict[key] ?? null) as string | null
  return {
    message: String(dict['message']),
    exceptionType: String(dict['exception_type']),
    stackTrace: dict['stack_trace'] as string[],
    isTerminal: (dict['is_terminal'] ?? null) as boolean | null,
    exceptionAttrs: (dict['exception_attrs'] ?? {}) as Record<string, unknown>,
    loadId: nullable('load_id'),
    jobId: nullable('job_id'),
    pipelineName: nullable('pipeline_name'),
    sourceName: nullable('source_name'),
    resourceName: nullable('resource_name'),
  }
}

function readConfigValue(dict: Dict): ResolvedConfigValue {
  return {
    key: String(dict['key']),
    value: dict['value'],
    defaultValue: dict['default_value'],
    isSecretHint: dict['is_secret_hint'] === true,
    sections: dict['sections'] as string[],
    providerName: String(dict['provider_name']),
    configTypeName: (dict['config_type_name'] ?? null) as string | null,
  }
}
