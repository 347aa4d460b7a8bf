// Completes package-lock.json after `npm install`: `node scripts/complete-lock.mjs`.
//
// `npm ci` demands an entry for every optional dependency, also for those of other platforms. A registry that carries only some of
// them lets npm leave the others out, and a lock without them works nowhere. Version and platform are all that such an entry needs.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** The directories in which npm looks for what the package at `path` needs, innermost first. */
function homes(path) {
  const parts = path.split('/node_modules/')
  return [...parts.keys()]
    .map((i) => `${parts.slice(0, parts.length - i).join('/node_modules/')}/node_modules/`)
    .concat('node_modules/')
}

function entryFor(name, range, dependent) {
  const words = name.split(/[-/]/)
  const os = words.find((word) => SYSTEMS.includes(word))
  const cpu = words.find((word) => PROCESSORS.includes(word))
  return {
    version: range.replace(/^\D*/, ''),
    ...(dependent.dev ? { dev: true } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
    ...(cpu ? { cpu: [cpu] } : {}),
  }
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'))
let added = 0
for (const [path, dependent] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(dependent.optionalDependencies ?? {})) {
    if (homes(path).some((home) => lock.packages[home + name])) continue
    lock.packages[`node_modules/${name}`] = entryFor(name, range, dependent)
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} entries added`)
