#!/usr/bin/env node
import { runMain } from '@gantry/common'
import { loadMain } from './cli.ts'

await runMain(() => loadMain('gantry-load', process.argv.slice(2)))
