#!/usr/bin/env node
import { runMain } from '@gantry/common'
import { main } from './main.ts'

await runMain(() => main(process.argv.slice(2)))
