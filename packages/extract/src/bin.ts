#!/usr/bin/env node
import { runMain } from '@gantry/common'
import { extractMain } from './cli.ts'

await runMain(() => extractMain('gantry-extract', process.argv.slice(2)))
