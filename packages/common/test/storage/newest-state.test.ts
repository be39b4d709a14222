import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JsonObject } from '../../src/json/object.ts'
import { workingFolder, type WorkingFolder } from '../../src/storage/folders.ts'
import { LoadPackage } from '../../src/storage/load-package.ts'
import { readNewestState, writePreviousState } from '../../src/storage/newest-state.ts'
import { unpackText } from '../../src/storage/packed-text.ts'
import { writePackageState } from '../../src/storage/package-state.ts'
import { PipelineState, pipelineStateRow, writePipelineState } from '../../src/storage/pipeline-state.ts'

/** A state with a cursor. */
function state(cursor: number, from?: PipelineState): PipelineState {
  const made = from?.clone() ?? PipelineState.create('shop', '/cwd', '/folder')
  made.document.set('sources', JsonObject.of([['shop', JsonObject.of([['cursor', cursor]])]]))
  made.bump()
  return made
}

/** A package that brings `after`, as extract and load leave it. */
async function loaded(
  folder: WorkingFolder,
  loadId: string,
  completion: 'loaded' | 'aborted',
  before: PipelineState,
  after: PipelineState,
): Promise<void> {
  const package_ = LoadPackage.create(join(folder.loaded, loadId))
  await writePackageState(package_, [['pipeline_state', pipelineStateRow(after, loadId, null)]])
  await writePreviousState(package_, before)
  await package_.writeText('package_completed.json', completion)
  after.noteExtracted(loadId)
  await writePipelineState(folder.state, after)
}

const folder = (): WorkingFolder => workingFolder(mkdtempSync(join(tmpdir(), 'gantry-state-')), 'shop')
const cursorOf = (found: PipelineState | undefined): unknown => {
  const sources = found?.document.get('sources')
  const ofSource = sources instanceof JsonObject ? sources.get('shop') : undefined
  return ofSource instanceof JsonObject ? ofSource.get('cursor') : undefined
}

describe('the newest state', () => {
  it('is that of before, where the package that changed it was aborted; also of several', async () => {
    const at = folder()
    const first = state(1)
    await loaded(at, '1700000001.1', 'loaded', PipelineState.create('shop', '/cwd', '/folder'), first)
    const second = state(2, first)
    await loaded(at, '1700000002.1', 'aborted', first, second)
    expect(cursorOf(await readNewestState(at))).toBe(1)
    await loaded(at, '1700000003.1', 'aborted', second, state(3, second))
    expect(cursorOf(await readNewestState(at))).toBe(1)
  })

  it('is what stands in state.json, where something else has changed it since', async () => {
    const at = folder()
    const first = state(1)
    const second = state(2, first)
    await loaded(at, '1700000002.1', 'aborted', first, second)
    await writePipelineState(at.state, state(9, second))
    expect(cursorOf(await readNewestState(at))).toBe(9)
  })
})

it('text that was not compressed is taken as it is', () => {
  expect(unpackText('{"a":1}')).toBe('{"a":1}')
  expect(unpackText('abcd')).toBe('abcd')
  expect(unpackText('eNqrVkpUsjKsBQAIKgIJ')).toBe('{"a":1}')
})
