import { rm } from 'node:fs/promises'
import {
  combineSchemas,
  FileIds,
  normalizerHints,
  type LoadPackage,
  type ManifestFile,
  type Schema,
  type SchemaContract,
  type StageContext,
  type Table,
} from '@gantry/common'
import { addTables, declareTables, type Declared, type DeclareRules } from './hints/declare.ts'
import { declaredTables } from './hints/declared-tables.ts'
import { JobWriter } from './job-writer.ts'
import type { FileResource } from './extractable.ts'
import type { DeclaredHints } from './hints/hints-of-row.ts'
import { copyJsonl } from './sources/files/copy-jsonl.ts'
import { cutJson } from './sources/files/cut-json.ts'
import { checkReadable } from './sources/files/input.ts'

/** Whose tables are declared: a resource, or bare rows, each of whose tables counts as one. */
export interface Declaring {
  readonly name: string | undefined
  readonly hints: DeclaredHints
}

/** What is said about a schema as a whole; what is undefined stays as the schema has it. */
export interface DeclaredSettings {
  /** Null: none from now on. */
  readonly contract: SchemaContract | null | undefined
  readonly maxNesting: number | undefined
  readonly rootKeyPropagation: boolean | undefined
}

/** The files and the schema of the package that is being written. */
export class Extraction {
  readonly package_: LoadPackage
  readonly files: ManifestFile[] = []
  /** Name of the resource that each file came from, by job id. */
  readonly resources: Map<string, string> = new Map()
  readonly fileIds: FileIds = new FileIds()
  readonly #rules: DeclareRules
  #settings: DeclaredSettings
  readonly #context: StageContext
  /** By their text, in the order in which they were last declared. */
  readonly #declared = new Map<string, Table>()
  /** Name of the resource that declared each table first. */
  readonly #owners = new Map<string, string>()
  #schema: Schema
  #bytesOfFiles = 0

  constructor(
    package_: LoadPackage,
    schema: Schema,
    settings: DeclaredSettings,
    rules: DeclareRules,
    context: StageContext,
  ) {
    this.package_ = package_
    this.#rules = rules
    this.#settings = settings
    this.#schema = withSettings(schema, settings)
    this.#context = context
  }

  /** The schema with all that was declared. */
  get schema(): Schema {
    return this.#schema
  }

  /** True as long as there is nothing to commit. */
  get isEmpty(): boolean {
    return this.files.length === 0 && this.#declared.size === 0
  }

  /** A later state of the schema with all that was declared here. */
  schemaOver(newest: Schema): Schema {
    if (newest.normalizers.names !== this.#schema.normalizers.names) return combineSchemas(newest, this.#schema)
    return addTables(withSettings(newest, this.#settings), [...this.#declared.values()], this.#rules)
  }

  /** Says more about the schema; what is undefined stays. */
  declareSettings(settings: DeclaredSettings): void {
    this.#settings = definedOver(this.#settings, settings)
    this.#schema = withSettings(this.#schema, settings)
  }

  /** Takes in a file for one of dlt's own tables. */
  addSystemFile(table: Table, file: ManifestFile): void {
    this.#take({ schema: addTables(this.#schema, [table], this.#rules), tables: [table] })
    this.files.push(file)
  }

  /** Declares a table of a resource. @returns its name in the package; undefined where its rows are dropped */
  declare(resource: Declaring, table: string): string | undefined {
    const declared = this.#declare(resource, table)
    if (declared !== undefined) this.#take(declared)
    return declared?.tables[0]?.name
  }

  /** Takes in the files of a resource. @param resource  undefined: each table counts as one */
  addFiles(resource: string | undefined, files: readonly ManifestFile[]): void {
    const { log } = this.#context
    for (const file of files) {
      this.files.push(file)
      this.resources.set(file.job_id, resource ?? file.table)
      log.info({ package: this.package_.loadId, table: file.table, rows: file.rows, bytes: file.bytes }, 'extracted')
    }
  }

  /** Takes in the rows of an input file. */
  async addInput(resource: FileResource): Promise<void> {
    this.#context.signal.throwIfAborted()
    const files = await this.#copyInput(resource)
    if (files.length === 0) await this.addEmptied(resource)
    else this.addFiles(resource.name, files)
  }

  async #copyInput({ name, hints, input }: FileResource): Promise<ManifestFile[]> {
    const { log, progress, signal } = this.#context
    const declared = this.#declare({ name, hints }, name)
    const table = declared?.tables[0]?.name
    if (declared === undefined || table === undefined) return []
    const { size } = await checkReadable(input.path)
    const total = input.isGzip || size === undefined ? {} : { total: this.#bytesOfFiles + size }
    const onBytes = (bytes: number): void =>
      progress.update('extract', { name: 'read', unit: 'bytes', done: this.#bytesOfFiles + bytes, ...total })
    const writer = new JobWriter(this.package_, table, this.fileIds.next(), 'ndjson')
    try {
      const read = input.format === 'jsonl' ? copyJsonl : cutJson
      const { rows } = await read(input, writer, signal, onBytes)
      this.#bytesOfFiles += writer.bytes
      if (rows === 0) {
        log.warn({ file: input.path }, `${input.path} holds no rows: nothing was extracted from it`)
        await writer.abandon()
        await rm(this.package_.newJobPath(writer.fileName), { force: true })
        return []
      }
      this.#take(declared)
      const file = await writer.close(rows, {
        path: input.path,
        counts: input.format === 'jsonl' ? 'lines' : 'elements',
      })
      return file === undefined ? [] : [file]
    } catch (error) {
      await writer.abandon()
      throw error
    }
  }

  /**
   * Takes in that a resource had no rows. Its tables are not declared, unless they have to become empty: a replaced table
   * that had data gets an empty file, which says so.
   */
  async addEmptied({ name, hints }: Declaring): Promise<void> {
    const { tableName = name } = hints
    if (tableName === undefined) return
    const known = this.#schema.tables.get(this.#rules.naming.normalizeTablesPath(tableName))
    if (normalizerHints(known)['seen-data'] !== true) return
    const declared = this.#declare({ name, hints }, tableName)
    const table = declared?.tables[0]
    if (declared === undefined || table?.hints.write_disposition !== 'replace') return
    this.#take(declared)
    const writer = new JobWriter(this.package_, table.name, this.fileIds.next(), 'typed-jsonl')
    await writer.write(Buffer.from('\n'))
    this.addFiles(name, [(await writer.close(0)) as ManifestFile])
  }

  /** The schema with the tables that the hints declare; undefined where the contract drops them. */
  #declare({ name, hints }: Declaring, table: string): Declared | undefined {
    const { log } = this.#context
    const resource = name ?? table
    const given = declaredTables(resource, table, hints, this.#rules.naming, (ofTable, column) =>
      log.warn({ table: ofTable, column }, 'Two declared columns have one name, and were put together'),
    )
    if (given[0]?.hints.write_disposition === 'skip') {
      log.warn({ table: given[0].name }, 'The write disposition is skip: the rows are left out')
      return undefined
    }
    // Of several resources with one table, the first says what kind of table it is; the others add columns.
    const tables = given.map((one) =>
      (this.#owners.get(one.name) ?? resource) === resource ? one : { ...one, hints: {} },
    )
    for (const one of tables) if (!this.#owners.has(one.name)) this.#owners.set(one.name, resource)
    const declared = declareTables(this.#schema, tables, this.#rules)
    if (declared === undefined) {
      log.warn(
        { table: tables[0]?.name },
        'The table is new, and the contract discards new tables: its rows are left out',
      )
    }
    return declared
  }

  #take({ schema, tables }: Declared): void {
    this.#schema = schema
    for (const table of tables) {
      const text = textOfTable(table)
      // Rows may declare by turns what others before them did.
      this.#declared.delete(text)
      this.#declared.set(text, table)
    }
  }
}

function textOfTable(table: Table): string {
  return JSON.stringify(table, (_, value: unknown) => (value instanceof Map ? [...value] : value))
}

function definedOver(base: DeclaredSettings, added: DeclaredSettings): DeclaredSettings {
  return {
    contract: added.contract === undefined ? base.contract : added.contract,
    maxNesting: added.maxNesting ?? base.maxNesting,
    rootKeyPropagation: added.rootKeyPropagation ?? base.rootKeyPropagation,
  }
}

function withSettings(schema: Schema, { contract, maxNesting, rootKeyPropagation }: DeclaredSettings): Schema {
  const { normalizers } = schema
  const { schema_contract, ...settings } = schema.settings
  const declared = contract === undefined ? schema_contract : (contract ?? undefined)
  const config = {
    ...normalizers.json.config,
    ...(maxNesting === undefined ? {} : { max_nesting: maxNesting }),
    ...(rootKeyPropagation === undefined ? {} : { root_key_propagation: rootKeyPropagation }),
  }
  const json = Object.keys(config).length === 0 ? normalizers.json : { ...normalizers.json, config }
  return {
    ...schema,
    settings: declared === undefined ? settings : { ...settings, schema_contract: declared },
    normalizers: { ...normalizers, json },
  }
}
