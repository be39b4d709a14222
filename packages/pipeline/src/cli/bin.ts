#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'
import { tellOverview } from './overview.ts'

const [command, ...rest] = process.argv.slice(2)
const told = tellOverview(command)
if (told === undefined) {
  enableCompileCache()
  const { runMain } = await import('@gantry/common')
  const { main } = await import('./main.ts')
  await runMain(() => main(command as string, rest))
} else {
  process.exitCode = told
}
