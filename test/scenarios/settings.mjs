/** The environment variables that stand for settings by dotted name: `a.b` is `A__B`. */
export function variablesOf(settings) {
  return Object.fromEntries(
    Object.entries(settings ?? {}).map(([name, value]) => [name.toUpperCase().replaceAll('.', '__'), String(value)]),
  )
}

/** Does something while settings by dotted name are in the environment. */
export async function withSettings(settings, work) {
  const before = { ...process.env }
  Object.assign(process.env, variablesOf(settings))
  try {
    return await work()
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
