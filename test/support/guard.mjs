// node --import guard.mjs: refuses drivers and cloud SDKs in this process, however they are asked for.
import Module, { register } from 'node:module'

const hook = `
  const refused = ${String(refused)}
  export async function resolve(specifier, context, next) {
    if (refused(specifier)) throw new Error('guard: ' + specifier + ' was asked for by ' + context.parentURL)
    return next(specifier, context)
  }`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

// The hook alone misses what CommonJS modules require.
const resolveFilename = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  if (refused(request)) throw new Error(`guard: ${request} was required`)
  return resolveFilename.call(this, request, ...rest)
}

function refused(specifier) {
  return /^(@duckdb\/|duckdb$|pg($|-)|@aws-sdk\/|@azure\/|mysql|@clickhouse\/|snowflake)/.test(specifier)
}
