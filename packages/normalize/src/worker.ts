import { serveStage } from '@gantry/common'
import { normalize } from './normalize.ts'
import type { NormalizeRequest } from './request.ts'

// The normalize stage as a process of `gantry run`. What it will need for any package is read from disk while it waits.
import('./normalize-range.ts').catch(() => undefined)
serveStage<NormalizeRequest>('normalize', (request, context) => normalize(request, context))
