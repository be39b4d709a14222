#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'
import { tellOverview } from './overview.ts'

const [command, ...rest] = process.argv.slice(2)
const told = tellOverview(command)
if (told === undefined) {
  enableCompileCache()
  const { main } = await import('./main.ts')
  // It opens processes before the rest of this one is read from disk.
  const exitCode = main(command as string, rest)
  exitCode.catch(() => undefined)
  const { runMain } = await import('@gantry/common')
  await runMain(() => exitCode)
} else {
  process.exitCode = told
}
