export { normalizeCommand, normalizeMain } from './cli.ts'
export { CannotCoerceColumn, CannotCoerceNull } from './fit.ts'
export { finishSchema, UnboundColumn } from './finish-schema.ts'
export { normalize } from './normalize.ts'
export { UnreadableFile } from './read-lines.ts'
export {
  UnsupportedExtractedFormat,
  normalizePackage,
  type NormalizedFiles,
  type NormalizePackageOptions,
} from './normalize-package.ts'
export { MalformedJson } from './input-errors.ts'
export type { NormalizeRequest } from './request.ts'
