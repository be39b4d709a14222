import { serveStage } from '@gantry/common'
import { normalize } from './normalize.ts'
import type { NormalizeRequest } from './request.ts'

// The normalize stage as a process of `gantry run`.
serveStage<NormalizeRequest>('normalize', (request, context) => normalize(request, context))
