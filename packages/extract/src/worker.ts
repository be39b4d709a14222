import { serveStage } from '@gantry/common'
import { extract } from './extract.ts'
import type { ExtractFilesRequest } from './request.ts'
import { bareSource, fileResource } from './extractable.ts'

// The extract stage as a process of `gantry run`.
serveStage<ExtractFilesRequest>('extract', (request, context) =>
  extract(
    [bareSource(request.files.map((file) => fileResource(file, request.hints)))],
    { ...request, schemaContract: request.hints.schemaContract },
    context,
  ),
)
