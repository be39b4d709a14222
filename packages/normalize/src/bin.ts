#!/usr/bin/env node
import { enableCompileCache } from '@gantry/common/compile-cache'

enableCompileCache()
const { runMain } = await import('@gantry/common')
const { normalizeMain } = await import('./cli.ts')
await runMain(() => normalizeMain('gantry-normalize', process.argv.slice(2)))
