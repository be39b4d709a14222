#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'

enableCompileCache()
const { runMain } = await import('@gantry/common')
const { extractMain } = await import('./cli.ts')
await runMain(() => extractMain('gantry-extract', process.argv.slice(2)))
