import type { StageName } from '@gantry/common'
import { openStage, type OpenStage } from '@gantry/common/spawn'

/** The processes of a run. They can get ready while the command still reads what it is asked to do. */
export class StageProcesses {
  readonly #waiting = new Map<StageName, OpenStage>()

  /** Opens a process for each stage; load first, since the others wait for it. */
  open(): void {
    for (const stage of ['load', 'extract', 'normalize'] as const) this.#waiting.set(stage, openProcess(stage))
  }

  /** The process that waits for the stage, else a new one. */
  take(stage: StageName): OpenStage {
    const waiting = this.#waiting.get(stage)
    this.#waiting.delete(stage)
    return waiting ?? openProcess(stage)
  }

  /** Ends those that nobody took. */
  release(): void {
    for (const waiting of this.#waiting.values()) waiting.release()
    this.#waiting.clear()
  }
}

function openProcess(stage: StageName): OpenStage {
  return openStage(stage, import.meta.resolve(`@gantry/${stage}/worker`))
}
