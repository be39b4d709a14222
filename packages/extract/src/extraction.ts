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
import { rowCheckOf } from './hints/row-check.ts'
import { isRowSchema } from './hints/row-schema.ts'
import { JobWriter } from './job-writer.ts'
import type { Resource } from './resource.ts'
import { writeRows } from './row-files.ts'
import { copyJsonl } from './sources/files/copy-jsonl.ts'
import { cutJson } from './sources/files/cut-json.ts'
import { checkReadable } from './sources/files/input.ts'

type RowsResource = Extract<Resource, { kind: 'rows' }>
type FileResource = Extract<Resource, { kind: 'file' }>

/** What holds for all resources of an extract. */
export interface ExtractionRules {
  readonly rules: DeclareRules
  /** Contract of the whole schema from now on; null: none; undefined: the one that it has. */
  readonly contract: SchemaContract | null | undefined
}

/** The files and the schema of the package that is being written. */
export class Extraction {
  readonly package_: LoadPackage
  readonly files: ManifestFile[] = []
  /** Name of the resource that each file came from, by job id. */
  readonly resources: Map<string, string> = new Map()
  readonly fileIds: FileIds = new FileIds()
  readonly #rules: DeclareRules
  readonly #contract: SchemaContract | null | undefined
  readonly #context: StageContext
  readonly #declared: Table[] = []
  #schema: Schema
  #bytesOfFiles = 0

  constructor(package_: LoadPackage, schema: Schema, { rules, contract }: ExtractionRules, context: StageContext) {
    this.package_ = package_
    this.#rules = rules
    this.#contract = contract
    this.#schema = withContract(schema, contract)
    this.#context = context
  }

  /** The schema with all that was declared. */
  get schema(): Schema {
    return this.#schema
  }

  /** True as long as there is nothing to commit. */
  get isEmpty(): boolean {
    return this.files.length === 0 && this.#declared.length === 0
  }

  /** A later state of the schema with all that was declared here. */
  schemaOver(newest: Schema): Schema {
    if (newest.normalizers.names !== this.#schema.normalizers.names) return combineSchemas(newest, this.#schema)
    return addTables(withContract(newest, this.#contract), this.#declared, this.#rules)
  }

  /** Takes in a file for one of dlt's own tables. */
  addSystemFile(table: Table, file: ManifestFile): void {
    this.#take({ schema: addTables(this.#schema, [table], this.#rules), tables: [table] })
    this.files.push(file)
  }

  /** Writes the rows of a resource, and declares their tables. Without rows nothing is declared. */
  async add(resource: Resource): Promise<void> {
    const { log, signal } = this.#context
    signal.throwIfAborted()
    const files = resource.kind === 'rows' ? await this.#addRows(resource) : await this.#addFile(resource)
    const written = files.length === 0 ? await this.#emptyReplaced(resource) : files
    for (const file of written) {
      this.files.push(file)
      this.resources.set(file.job_id, resource.name ?? file.table)
      log.info({ package: this.package_.loadId, table: file.table, rows: file.rows, bytes: file.bytes }, 'extracted')
    }
  }

  async #addRows(resource: RowsResource): Promise<ManifestFile[]> {
    const { log, progress, signal } = this.#context
    const { tableName = resource.name ?? '', columns } = resource.hints
    const name = resource.name ?? 'rows'
    const check = rowCheckOf(resource.hints, `"${name}"`)
    if (isRowSchema(columns) && columns['~standard'].jsonSchema === undefined) {
      const { vendor } = columns['~standard']
      log.warn({ vendor }, 'The schema of the rows has no JSON Schema: it checks rows, but gives columns no types')
    }
    const open = (table: string): string | undefined => {
      const declared = this.#declare(resource, table)
      if (declared !== undefined) this.#take(declared)
      return declared?.tables[0]?.name
    }
    const files = await writeRows(resource.rows, { tableName, open, check }, this.package_, this.fileIds, {
      signal,
      log,
      onRows: (done) => progress.update('extract', { name, unit: 'rows', done }),
    })
    if (check !== undefined && check.discarded > 0) {
      log.warn(
        { resource: name, rows: check.discarded },
        'Rows that do not fit the schema of their columns were left out',
      )
    }
    return files
  }

  async #addFile({ name, hints, input }: FileResource): Promise<ManifestFile[]> {
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
   * A replaced table whose resource yields nothing has to become empty: an empty file says so. A table that never had
   * data needs none, and a table that depends on the rows is not known without any.
   */
  async #emptyReplaced({ name, hints }: Resource): Promise<ManifestFile[]> {
    const { tableName = name } = hints
    if (typeof tableName !== 'string') return []
    const known = this.#schema.tables.get(this.#rules.naming.normalizeTablesPath(tableName))
    if (normalizerHints(known)['seen-data'] !== true) return []
    const declared = this.#declare({ name, hints }, tableName)
    const table = declared?.tables[0]
    if (declared === undefined || table?.hints.write_disposition !== 'replace') return []
    this.#take(declared)
    const writer = new JobWriter(this.package_, table.name, this.fileIds.next(), 'typed-jsonl')
    await writer.write(Buffer.from('\n'))
    return [(await writer.close(0)) as ManifestFile]
  }

  /** The schema with the tables that the hints declare; undefined where the contract drops them. */
  #declare({ name, hints }: Pick<Resource, 'name' | 'hints'>, table: string): Declared | undefined {
    const { log } = this.#context
    const tables = declaredTables(name ?? table, table, hints, this.#rules.naming, (ofTable, column) =>
      log.warn({ table: ofTable, column }, 'Two declared columns have one name, and were put together'),
    )
    if (tables[0]?.hints.write_disposition === 'skip') {
      log.warn({ table: tables[0].name }, 'The write disposition is skip: the rows are left out')
      return undefined
    }
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
    this.#declared.push(...tables)
  }
}

function withContract(schema: Schema, contract: SchemaContract | null | undefined): Schema {
  if (contract === undefined) return schema
  const { schema_contract: _, ...settings } = schema.settings
  return { ...schema, settings: contract === null ? settings : { ...settings, schema_contract: contract } }
}
