/** A scenario asks for something that the library does not have yet; the message says what, in a line. */
export class NotYet extends Error {}

/** Options that the library would pass over in silence. Whoever adds one takes it out of here. */
export const optionsNotYet = {
  pipeline: {},
  run: {},
}

/** @throws {NotYet} one of the options is none of the library's */
export function refuseNotYet(kind, options) {
  for (const key of Object.keys(options ?? {})) {
    const what = optionsNotYet[kind][key]
    if (what !== undefined) throw new NotYet(`${what} is not there yet`)
  }
}
