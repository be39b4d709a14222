// Bundles each package: a file for every entry, one for what entries share, one for what is imported when it is needed. A
// process that starts reads some ten files in place of two hundred, which is most of what a small run costs.
// Packages stay apart, so that a class or a symbol exists once, whoever imports it.
import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const packages = join(dirname(fileURLToPath(import.meta.url)), '../packages')
const entries = {
  common: ['index', 'process/compile-cache', 'process/spawn'],
  extract: ['index', 'arguments', 'worker', 'bin'],
  normalize: ['index', 'worker', 'range-worker', 'bin'],
  load: ['index', 'worker', 'bin'],
  pipeline: ['index', 'bin'],
}

await Promise.all(Object.entries(entries).map(([name, files]) => bundle(join(packages, name), files)))

async function bundle(folder, files) {
  const dist = join(folder, 'dist')
  const build = await rolldown({
    cwd: folder,
    input: Object.fromEntries(files.map((file) => [file, `./src/${file}.ts`])),
    platform: 'node',
    external: /^(?!@oxc-project\/runtime\/)[^./\0]/,
    transform: { target: 'es2023' },
    logLevel: 'warn',
  })
  for (const file of readdirSync(dist, { recursive: true })) {
    if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file))
  }
  // The declarations have the docstrings; here they would be read by every process that starts.
  const comments = { jsdoc: false }
  // All but the entries lie in `dist` itself, as deep as the modules in `src` that look for a file beside the package's.
  await build.write({ dir: dist, format: 'esm', comments, entryFileNames: '[name].js', chunkFileNames: '[name].js' })
  await build.close()
}
