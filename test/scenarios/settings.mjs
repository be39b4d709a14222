/** The environment variables that stand for settings by dotted name: `a.b` is `A__B`. */
export function variablesOf(settings) {
  return Object.fromEntries(
    Object.entries(settings ?? {}).map(([name, value]) => [name.toUpperCase().replaceAll('.', '__'), String(value)]),
  )
}

/** Does something while settings by dotted name are in the environment. */
export async function withSettings(settings, work) {
  const variables = variablesOf(settings)
  const before = Object.keys(variables).map((name) => [name, process.env[name]])
  Object.assign(process.env, variables)
  try {
    return await work()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
