// node --import report-usage.mjs: as its last act, the process writes what it used into $BENCH_USAGE_FILE.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMb: Math.round(maxRSS / 1024) }
    writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(usage))
  })
}
