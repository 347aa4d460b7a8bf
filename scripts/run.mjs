// Runs a TypeScript program of test/ from source: `node scripts/run.mjs test/perf/bench.ts ARGUMENT…`. Bundled by rolldown first,
// since Node 20 runs no TypeScript; packages stay outside the bundle.

import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = process.argv[2]
if (!entry) {
  console.error('usage: node scripts/run.mjs FILE.ts [ARGUMENT …]')
  process.exit(2)
}

/** A module that looks for files beside itself means beside its source. */
function ownUrl(code, id) {
  return code.includes('import.meta.url')
    ? { code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)), map: null }
    : undefined
}

const output = join(root, 'dist/.run', entry.replace(/[\\/]/g, '-').replace(/\.ts$/, '.mjs'))
const bundle = await rolldown({
  input: join(root, entry),
  platform: 'node',
  resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('#'),
  logLevel: 'warn',
  plugins: [{ name: 'own-url', transform: ownUrl }],
})
await bundle.write({ file: output, format: 'esm', sourcemap: true })
await bundle.close()
process.argv.splice(1, 2, output)
await import(pathToFileURL(output).href)
