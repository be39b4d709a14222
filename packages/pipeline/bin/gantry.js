#!/usr/bin/env node
// Stands in the sources, so that installing a clone links the command before it is built.
import '../dist/bin.js'
