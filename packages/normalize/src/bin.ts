#!/usr/bin/env node
import { runMain } from '@gantry/common'
import { normalizeMain } from './cli.ts'

await runMain(() => normalizeMain('gantry-normalize', process.argv.slice(2)))
