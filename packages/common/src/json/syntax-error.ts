/** A text that is not JSON; `offset` is the position of the fault in the text that was given. */
export class JsonSyntaxError extends Error {
  readonly offset: number
  readonly reason: string

  constructor(reason: string, offset: number) {
    super(`${reason} at offset ${offset}`)
    this.name = 'JsonSyntaxError'
    this.reason = reason
    this.offset = offset
  }
}
