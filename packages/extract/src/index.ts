export { extractCommand, extractMain } from './cli.ts'
export { extract } from './extract.ts'
export { DeclaredTypeConflict } from './hints/declare.ts'
export type {
  ColumnHints,
  Columns,
  HintOfRow,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
  Scd2Disposition,
  SchemaContractHint,
  TableHints,
  StaticHints,
  WriteDispositionHint,
} from './hints/hints.ts'
export { InconsistentTableTemplate } from './hints/hints-of-row.ts'
export { InvalidHint } from './hints/invalid-hint.ts'
export type { InputOf, RowSchema } from './hints/row-schema.ts'
export { PendingBeforeRefresh, UnknownRefreshMode, type RefreshMode } from './refresh.ts'
export type {
  DropRequest,
  ExtractFilesRequest,
  ExtractModuleRequest,
  ExtractProgramRequest,
  ExtractRequest,
} from './request.ts'
export { bareSource, fileResource, type Extractable, type ExtractableSource } from './extractable.ts'
export { bareRows, extractableSources, PipeNotBoundToData, ResourceNameMissing } from './extractable-sources.ts'
export type { HintChanges } from './hints/change-hints.ts'
export type { Cursor } from './incremental/cursor.ts'
export {
  ExternalSchedulerNotAvailable,
  IncrementalCursorInvalidCoercion,
  IncrementalCursorPathHasValueNone,
  IncrementalCursorPathMissing,
  IncrementalPrimaryKeyMissing,
  JoinSchedulerError,
} from './incremental/errors.ts'
export { incremental, type CursorKey, type Incremental, type IncrementalOptions } from './incremental/incremental.ts'
export type { LastValueFunc } from './incremental/last-value-rule.ts'
export { materializeTableSchema, withHints, withTableName, type MarkedRows } from './marks.ts'
export { ResourceExtractionError } from './pipe/extraction-error.ts'
export type { LimitOptions } from './pipe/limit.ts'
export { InvalidResourceData } from './pipe/rows-of.ts'
export {
  resource,
  type Resource,
  type ResourceData,
  type ResourceHints,
  type ResourceOptions,
  type Typed,
  type Untyped,
} from './resource.ts'
export type { ContextOf, CursorOf, ResourceContext } from './resource-context.ts'
export {
  InvalidSource,
  ResourcesNotFoundError,
  source,
  type Source,
  type SourceContext,
  type SourceOptions,
  type SourceResources,
  type SourceSettings,
} from './source.ts'
export { transformer, type Transformer, type TransformerOptions } from './transformer.ts'
export type { AnyIterable, DataOf, RowOf, Yielded } from './yielded.ts'
export { ApiRequest, type ApiRequestOptions, type BodyData, type Params, type ParamValue } from './http/api-request.ts'
export { ApiResponse, InvalidResponseBody } from './http/api-response.ts'
export { HttpClient, type HttpClientOptions } from './http/http-client.ts'
export { HttpConnectionFailed, HttpError } from './http/http-errors.ts'
export type { RequestSettings } from './http/request-settings.ts'
export { InvalidJsonPath } from './json-path.ts'
export { InputError } from './sources/files/input.ts'
export { InvalidRowValue } from './typed-row.ts'
export { NoAccessToken, type TokenRequest } from './sources/rest-api/auth/access-token.ts'
export { ApiKeyAuth, type ApiKeyOptions } from './sources/rest-api/auth/api-key-auth.ts'
export type { Auth } from './sources/rest-api/auth/auth.ts'
export { registerAuth, type AuthConfig, type AuthOptions } from './sources/rest-api/auth/auth-types.ts'
export { BearerTokenAuth, type BearerOptions } from './sources/rest-api/auth/bearer-auth.ts'
export { HttpBasicAuth, type HttpBasicOptions } from './sources/rest-api/auth/http-basic-auth.ts'
export {
  OAuth2ClientCredentials,
  type OAuth2ClientCredentialsOptions,
} from './sources/rest-api/auth/oauth2-client-credentials.ts'
export { OAuthJwtAuth, type OAuthJwtOptions } from './sources/rest-api/auth/oauth-jwt-auth.ts'
export { checkConnection, type ConnectionCheck } from './sources/rest-api/check-connection.ts'
export {
  RESTClient,
  type PaginateOptions,
  type RequestOptions,
  type RESTClientOptions,
} from './sources/rest-api/client.ts'
export { IgnoreResponseException, type Hooks, type ResponseHook } from './sources/rest-api/hooks.ts'
export { InvalidRestConfig } from './sources/rest-api/invalid-rest-config.ts'
export type { ApiRow, Page, PageOrigin } from './sources/rest-api/page.ts'
export { paginate } from './sources/rest-api/paginate.ts'
export {
  HeaderCursorPaginator,
  type HeaderCursorOptions,
} from './sources/rest-api/paginators/header-cursor-paginator.ts'
export { HeaderLinkPaginator, type HeaderLinkOptions } from './sources/rest-api/paginators/header-link-paginator.ts'
export { JsonCursorPaginator, type JsonCursorOptions } from './sources/rest-api/paginators/json-cursor-paginator.ts'
export { JsonLinkPaginator, type JsonLinkOptions } from './sources/rest-api/paginators/json-link-paginator.ts'
export { OffsetPaginator, type OffsetOptions } from './sources/rest-api/paginators/offset-paginator.ts'
export { PageNumberPaginator, type PageNumberOptions } from './sources/rest-api/paginators/page-number-paginator.ts'
export { BasePaginator, PaginationFailed, type Paginator } from './sources/rest-api/paginators/paginator.ts'
export {
  registerPaginator,
  type PaginatorConfig,
  type PaginatorOptions,
} from './sources/rest-api/paginators/paginator-types.ts'
export type { RangeOptions } from './sources/rest-api/paginators/range-paginator.ts'
export { SinglePagePaginator } from './sources/rest-api/paginators/single-page-paginator.ts'
export { ParentFieldMissing } from './sources/rest-api/parent-reference.ts'
export type { ProcessingStep } from './sources/rest-api/processing-steps.ts'
export type { ResponseAction } from './sources/rest-api/response-actions.ts'
export { restApi, restApiResources, type RestApiOptions } from './sources/rest-api/rest-api.ts'
export type {
  ClientConfig,
  EndpointConfig,
  ResolveParam,
  ResourceConfig,
  ResourceDefaults,
  RestApiConfig,
} from './sources/rest-api/rest-api-config.ts'
