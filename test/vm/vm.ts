/**
 * `npm run vm -- [WORLD] [FILE…]` runs kernel tests in a virtual machine whose kernel has what this host's has not: pure cgroup v2 (or
 * v1, or both), every capability, XFS quotas. Without files all that the long form knows; see docs/design/vm.md.
 */
import { WORLDS, type World } from './machine/boot.js'
import { whatIsMissing } from './machine/missing.js'
import { runTests } from './run-tests.js'

const [first = '', ...rest] = process.argv.slice(2)
const isWorld = (name: string): name is World => WORLDS.some((world) => world === name)
const world = isWorld(first) ? first : 'v2'
const files = isWorld(first) || first === '' ? rest : [first, ...rest]

const missing = whatIsMissing()
if (missing !== undefined) {
  console.error(missing)
  process.exit(2)
}
const { ok } = await runTests(world, files, (text) => process.stdout.write(text))
process.exitCode = ok ? 0 : 1
