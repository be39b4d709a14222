import { join } from 'node:path'
import { placeText, TerminalError, type InputPlace, type JsonSyntaxError } from '@gantry/common'
import type { RangeTask } from './range-messages.ts'
import { lineNumberAt } from './read-lines.ts'

/** A line of an extracted file is not JSON. Names file, line and column and shows the text around the fault. */
export class MalformedJson extends TerminalError {
  override readonly code = 'malformed_json'
}

/**
 * The error for a line that is not JSON.
 *
 * @param bytes   the line, or the part of it that was read
 * @param offset  of the fault in it
 */
export async function malformed(
  error: JsonSyntaxError,
  bytes: Buffer,
  offset: number,
  line: number,
  task: RangeTask,
): Promise<MalformedJson> {
  const place = placeText(await placeOf(line, task))
  const text = bytes.toString()
  const at = bytes.toString('utf8', 0, offset).length
  const from = Math.max(0, at - 40)
  const around = `${from > 0 ? '…' : ''}${text.slice(from, at)}⟦here⟧${text.slice(at, at + 40)}${at + 40 < text.length ? '…' : ''}`
  const isCutOff = error.reason.startsWith('unexpected end')
  const hint =
    text.trim() === '['
      ? ' Is it one JSON array? Then name the file .json.'
      : isCutOff
        ? ' The line may be cut off.'
        : ''
  return new MalformedJson(
    `${place}, column ${at + 1}: ${error.reason}.${hint}\n  ${around.trimEnd()}\n` +
      'Correct the input. The extracted package stays as it is; to give it up, remove it: ' +
      join(task.path, '..', '..'),
    { file: task.source?.path ?? task.path, line, column: at + 1, package: task.loadId },
    { cause: error },
  )
}

/** The same error with the place of the row in front of its message. */
export async function atLine(error: TerminalError, line: number, task: RangeTask): Promise<TerminalError> {
  const place = await placeOf(line, task)
  error.message = `${placeText(place)}: ${error.message} The extracted package ${task.loadId} stays as it is.`
  Object.assign(error.details, { package: task.loadId, file: place.file, line: place.number })
  return error
}

/** Where a line of the range is in the input. */
export async function placeOf(line: number, task: RangeTask): Promise<InputPlace> {
  const number =
    line - 1 + (await lineNumberAt(task.path, task.start)) + (task.start > 0 && !(await beginsLine(task)) ? 1 : 0)
  return { file: task.source?.path ?? task.path, counts: task.source?.counts ?? 'lines', number }
}

/** Whether the range's first byte begins a line; else its first line is the one after. */
async function beginsLine(task: RangeTask): Promise<boolean> {
  return (await lineNumberAt(task.path, task.start)) > (await lineNumberAt(task.path, task.start - 1))
}
