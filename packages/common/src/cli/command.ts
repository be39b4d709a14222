import { parseArgs } from 'node:util'
import { InvalidUsage } from '../config/config-errors.ts'

/** One flag of a command line. */
export interface Flag {
  /** What stands after the flag in the help, `<name>`; absent for a switch. */
  readonly value?: string
  readonly choices?: readonly string[]
  /** One sentence; the default is part of it. */
  readonly help: string
}

/** A command as its help shows it. */
export interface Command<Name extends string = string> {
  /** `gantry extract` */
  readonly name: string
  /** `<files…>`; empty for a command without arguments. */
  readonly args: string
  readonly summary: string
  readonly flags: Readonly<Record<Name, Flag>>
  /** Lines under `Examples:`. */
  readonly examples: readonly string[]
}

export interface ParsedCommand<Name extends string> {
  readonly args: readonly string[]
  /** The flag's value; undefined where it was not given. */
  text(name: Name): string | undefined
  isSet(name: Name): boolean
}

/**
 * Reads a command line.
 *
 * @throws {InvalidUsage} an unknown flag (with the closest known one), a missing value, a value that is no choice
 */
export function parseCommand<Name extends string>(
  command: Command<Name>,
  argv: readonly string[],
): ParsedCommand<Name> {
  const flags = command.flags as Readonly<Record<string, Flag>>
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      { type: flag.value === undefined ? 'boolean' : 'string' } as const,
    ]),
  )
  for (const arg of argv) {
    if (arg === '--') break
    const name = /^--([^=]+)/.exec(arg)?.[1]
    if (name !== undefined && flags[name] === undefined) throw unknownFlag(command, `--${name}`, Object.keys(flags))
  }
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (cause) {
    const message = (cause as Error).message.split('. ')[0] as string
    throw new InvalidUsage(`${message}. See: ${command.name} --help`, { command: command.name }, { cause })
  }
  for (const [name, value] of Object.entries(parsed.values)) {
    const choices = flags[name]?.choices
    if (choices !== undefined && !choices.includes(value as string)) {
      throw new InvalidUsage(`--${name} takes ${choices.join(', ')}, not "${String(value)}".`, { flag: name, value })
    }
  }
  return {
    args: parsed.positionals,
    text: (name) => parsed.values[name] as string | undefined,
    isSet: (name) => parsed.values[name] !== undefined,
  }
}

/** A whole number of at least 1; undefined where the flag is not given. @throws {InvalidUsage} */
export function countFlag<Name extends string>(parsed: ParsedCommand<Name>, name: Name): number | undefined {
  const text = parsed.text(name)
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidUsage(`--${name} takes a whole number from 1, not "${text}".`, { flag: name })
  return Number(text)
}

/** What `--help` prints. */
export function helpText(command: Command): string {
  const lines = [
    command.summary,
    '',
    `Usage: ${command.name} ${[command.args, '[flags]'].filter(Boolean).join(' ')}`,
    '',
  ]
  lines.push('Flags:')
  for (const [name, flag] of Object.entries(command.flags)) {
    const value = flag.choices === undefined ? flag.value : flag.choices.join('|')
    const left = `  --${name}${value === undefined ? '' : ` ${value}`}`
    lines.push(left.length < 32 ? `${left.padEnd(32)}${flag.help}` : `${left}\n${' '.repeat(32)}${flag.help}`)
  }
  if (command.examples.length > 0) lines.push('', 'Examples:', ...command.examples.map((line) => `  ${line}`))
  return lines.join('\n')
}

function unknownFlag(command: Command, flag: string, known: readonly string[]): InvalidUsage {
  const closest = known
    .map((name) => ({ name, distance: editDistance(flag.slice(2), name) }))
    .toSorted((a, b) => a.distance - b.distance)[0]
  const hint = closest !== undefined && closest.distance <= 3 ? ` Did you mean --${closest.name}?` : ''
  return new InvalidUsage(`There is no flag ${flag}.${hint} See: ${command.name} --help`, { flag })
}

/** Levenshtein distance, two rows at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    previous = row
  }
  return previous[b.length] as number
}
