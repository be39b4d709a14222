// node --require report-usage.cjs: as its last act, the process writes what it used into a file in $BENCH_USAGE_FOLDER.
// Required, not imported: that costs a process the least.
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

if (isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const [, package_] = /packages\/(\w+)\//.exec(process.argv[1]) ?? []
    const usage = {
      name: package_ === 'pipeline' ? 'command' : (package_ ?? 'process'),
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMb: (peakOfImageKb() ?? maxRSS) / 1024,
    }
    writeFileSync(`${process.env.BENCH_USAGE_FOLDER}/${process.pid}.json`, JSON.stringify(usage))
  })
}

/** On Linux, `maxRSS` is also that of the process which this one was forked from. */
function peakOfImageKb() {
  if (!existsSync('/proc/self/status')) return undefined
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
}
