import { rmSync } from 'node:fs'
import type { PipelineState, WorkingFolder } from '@gantry/common'

/** Of the last dataset that was named, so that two pipelines made in one second do not share theirs. */
let lastSecond = 0

/**
 * The dataset of one pipeline object in dev mode: its name and the time at which the object was made, in UTC
 * (dlt `dlt/pipeline/pipeline.py`, `_make_dataset_name`).
 */
export function devDataset(dataset: string, nowMs: number = Date.now()): string {
  lastSecond = Math.max(Math.floor(nowMs / 1000), lastSecond + 1)
  const digits = new Date(lastSecond * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return `${dataset.replace(/_$/, '')}_${digits}`
}

/** True for what a pipeline in dev mode has left. */
export function isOfDevMode(state: PipelineState | undefined): boolean {
  return state?.local('_dev_mode') === true
}

/** Empties the folder of a pipeline that is about to begin in dev mode. */
export function removeWorkingFolder(folder: WorkingFolder): void {
  rmSync(folder.root, { recursive: true, force: true })
}
