// What the figures should be, and how far they could go. `stretch` is what a prototype or a calculation says is possible.

const atMost = (target, stretch) => ({ isMet: (value) => value <= target, target: `<= ${target}`, stretch })
const atLeast = (target, stretch) => ({ isMet: (value) => value >= target, target: `>= ${target}`, stretch })

/** @param nodeMajor  Node's major version, since older ones are slower */
export function targetsFor(nodeMajor) {
  const isNew = nodeMajor >= 24
  return {
    'orders: dlt tuned / gantry run': atLeast(isNew ? 12 : 10, 20),
    'orders: dlt / gantry run': atLeast(25, 50),
    'orders: gantry run / DuckDB itself': atMost(1.5, 1),
    'events: dlt tuned / gantry run': atLeast(isNew ? 3 : 2.5, 5),
    'events: dlt / gantry run': atLeast(15, 20),
    'events: gantry run / DuckDB itself': atMost(1.1, 0.7),
    'orders: peak memory of gantry run / dlt tuned': atMost(1),
    'events: peak memory of gantry run / dlt tuned': atMost(1),
    'orders: normalize to Parquet / JSON.parse, CPU': atMost(0.4, 0.25),
    'orders: normalize to JSONL / JSON.parse, CPU': atMost(0.4, 0.25),
    'events: normalize to Parquet / JSON.parse, CPU': atMost(2.2, 1.2),
    'events: normalize to JSONL / JSON.parse, CPU': atMost(1.5, 0.9),
    'orders: normalize to Parquet / JSON.parse, warm, CPU': atMost(0.4, 0.25),
    'orders: normalize to JSONL / JSON.parse, warm, CPU': atMost(0.4, 0.25),
    'events: normalize to Parquet / JSON.parse, warm, CPU': atMost(2.2, 1.2),
    'events: normalize to JSONL / JSON.parse, warm, CPU': atMost(1.5, 0.9),
    'normalize, one worker, peak memory, MB': atMost(230),
    'two workers / one worker, speed': atLeast(1.6),
    '100 rows: gantry run / dlt': atMost(0.5),
    'gantry --help, CPU ms': atMost(150),
    'every 10th row clashes: normalize, MB/s a core': atLeast(60),
    'every row clashes: normalize / reference path, CPU': atMost(1.1),
  }
}

/** A figure beside what it should be. */
export function judge({ name, value }, targets) {
  const rule = targets[name]
  if (rule === undefined) return { name, value }
  const { target, stretch } = rule
  return {
    name,
    value,
    target,
    ...(stretch === undefined ? {} : { stretch }),
    verdict: rule.isMet(value) ? 'ok' : 'missed',
  }
}
