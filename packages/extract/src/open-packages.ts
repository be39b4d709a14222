import { join } from 'node:path'
import {
  freshSchema,
  LoadPackage,
  namingConvention,
  normalizerSettings,
  openSchema,
  processLoadIds,
  restoresFromDestination,
  type Capabilities,
  type OpenSchemaOptions,
  type PipelineState,
  type Schema,
  type SchemaFiles,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import { Extraction, type DeclaredSettings } from './extraction.ts'
import { refreshSource, type Refresh, type RefreshMode } from './refresh.ts'
import type { ExtractRequest } from './request.ts'

const unchanged: DeclaredSettings = { contract: undefined, maxNesting: undefined, rootKeyPropagation: undefined }

/** The packages that are being written, by the schema that their tables are in. */
export class OpenPackages {
  readonly folder: WorkingFolder
  readonly files: SchemaFiles
  readonly writing: string
  /** The destination gets the state with the packages. */
  readonly sendsState: boolean
  readonly #capabilities: Capabilities
  readonly #context: StageContext
  readonly #bySchema = new Map<string, Extraction>()
  /** By schema; undefined where there was nothing to refresh. */
  readonly #refreshed = new Map<string, Refresh | undefined>()

  constructor(
    writing: string,
    folder: WorkingFolder,
    files: SchemaFiles,
    capabilities: Capabilities,
    request: ExtractRequest,
    context: StageContext,
  ) {
    this.writing = writing
    this.folder = folder
    this.files = files
    this.#capabilities = capabilities
    this.#context = context
    this.sendsState = restoresFromDestination(request.restoreFromDestination, context.configuration)
  }

  /** Refreshes the source with that schema; once, before its package is opened. */
  async refresh(
    schemaName: string,
    mode: RefreshMode | 'state_only',
    resources: readonly string[],
    state: PipelineState,
  ): Promise<void> {
    if (this.#refreshed.has(schemaName)) return
    const options = this.#schemaOptions(schemaName)
    const schema = await openSchema(this.folder, schemaName, options)
    const fresh = (): Promise<Schema> => freshSchema(schemaName, options)
    const refreshed = await refreshSource(mode, schema, resources, state, fresh)
    if (refreshed === undefined) this.#context.log.info({ schema: schemaName }, 'The source is new: nothing to refresh')
    this.#refreshed.set(schemaName, refreshed)
  }

  /** What the refresh asks of the package of that schema, if it was refreshed. */
  refreshOf(schemaName: string): Refresh | undefined {
    return this.#refreshed.get(schemaName)
  }

  /** The package of that schema; made where there is none yet. */
  async open(schemaName: string, settings: DeclaredSettings = unchanged): Promise<Extraction> {
    const known = this.#bySchema.get(schemaName)
    if (known !== undefined) {
      known.declareSettings(settings)
      return known
    }
    const maxIdentifierLength = this.#capabilities.maxIdentifierLength
    const stored =
      this.refreshOf(schemaName)?.schema ?? (await openSchema(this.folder, schemaName, this.#schemaOptions(schemaName)))
    const package_ = LoadPackage.create(join(this.writing, processLoadIds.next()))
    const rules = {
      naming: namingConvention(stored.normalizers.names, maxIdentifierLength),
      mergeStrategies: this.#capabilities.mergeStrategies,
    }
    const opened = new Extraction(package_, stored, settings, rules, this.#context)
    this.#bySchema.set(schemaName, opened)
    return opened
  }

  /** Those with something in them, or that tables are dropped or emptied with, in the order of their load ids. */
  filled(): Extraction[] {
    return [...this.#bySchema.values()].filter((work) => !work.isEmpty || this.#hasTables(work))
  }

  #hasTables({ schema }: Extraction): boolean {
    return this.sendsState && (this.refreshOf(schema.name)?.packageState ?? []).length > 0
  }

  #schemaOptions(schemaName: string): OpenSchemaOptions {
    return {
      files: this.files,
      settings: normalizerSettings(schemaName, this.#context.configuration, this.#capabilities),
      maxIdentifierLength: this.#capabilities.maxIdentifierLength,
      log: this.#context.log,
    }
  }
}
