#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'

enableCompileCache()
const { runMain } = await import('@gantry/common')
const { loadMain } = await import('./cli.ts')
await runMain(() => loadMain('gantry-load', process.argv.slice(2)))
