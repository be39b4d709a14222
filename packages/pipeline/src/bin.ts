#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'
import { tellOverview } from './cli/overview.ts'

const [command, ...rest] = process.argv.slice(2)
const told = tellOverview(command)
if (told === undefined) {
  enableCompileCache()
  const { main } = await import('./cli/main.ts')
  await main(command as string, rest)
} else {
  process.exitCode = told
}
