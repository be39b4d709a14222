export { extractCommand, extractMain, hintsOf, inputFlags } from './cli.ts'
export { extract } from './extract.ts'
export { parseWriteDisposition, writeDispositions, type Hints } from './hints.ts'
export type { ExtractFilesRequest, ExtractRequest } from './request.ts'
export {
  fileResource,
  InvalidResourceData,
  ResourceNameMissing,
  resourceOf,
  type Resource,
  type Rows,
} from './resource.ts'
export { InputError } from './sources/files/input.ts'
export { InvalidRowValue } from './typed-row.ts'
