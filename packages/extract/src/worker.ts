import { serveStage } from '@gantry/common'
import { extract } from './extract.ts'
import { bareSource, fileResource } from './extractable.ts'
import type { ExtractFilesRequest, ExtractModuleRequest, ExtractProgramRequest } from './request.ts'

// The extract stage as a process of `gantry run`: of files as they are, or of a user's module. What the module says of its
// pipeline is reported first, and the command answers with the request.
serveStage<ExtractFilesRequest | ExtractModuleRequest>('extract', async (request, context, server) => {
  if ('files' in request) {
    const sources = [bareSource(request.files.map((file) => fileResource(file, request.hints)))]
    return extract(sources, { ...request, schemaContract: request.hints.schemaContract }, context)
  }
  // Files alone need nothing of what makes sources out of modules.
  const { loadModule, portableDeclaration } = await import('./modules/load-module.ts')
  const { extractableSources } = await import('./extractable-sources.ts')
  const module = await loadModule(request.module)
  const asked = (await server.pause(portableDeclaration(module))) as ExtractProgramRequest
  const configuration = context.configuration.forPipeline(asked.pipelineName)
  const { schemaContract } = asked.hints
  return extract(
    await extractableSources(module.data, asked.hints, context.configuration),
    { ...asked, schemaContract },
    { ...context, configuration },
  )
})
