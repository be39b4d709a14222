// node --import note-modules.mjs: adds `<process's script>\t<file>` to $NOTED_MODULES for each module that is loaded,
// imported or required; paths are those of the checkout.
import { appendFileSync } from 'node:fs'
import Module, { register } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const script = relative(root, process.argv[1] ?? '')

const hook = `
  import { appendFileSync } from 'node:fs'
  import { relative } from 'node:path'
  import { fileURLToPath } from 'node:url'
  export async function load(url, context, next) {
    if (url.startsWith('file:')) {
      const file = relative(${JSON.stringify(root)}, fileURLToPath(url))
      appendFileSync(process.env.NOTED_MODULES, ${JSON.stringify(script)} + '\\t' + file + '\\n')
    }
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const loadJs = Module._extensions['.js']
Module._extensions['.js'] = function (module, file) {
  appendFileSync(process.env.NOTED_MODULES, `${script}\t${relative(root, file)}\n`)
  return loadJs(module, file)
}
