// `npm test`: sets up what is not current, then runs every check and every test. The last line counts them all.
// Arguments go to vitest (`npm test -- --project unit`); with any, only vitest runs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setUp } from './setup/steps.mjs'
import { CHECKS } from './testing/checks.mjs'
import { run } from './testing/run.mjs'
import { fromCargo, fromVitest, nothing, sentence, sum } from './testing/tally.mjs'

const only = process.argv.slice(2)
const at = { cwd: root }
const failures = []

const verdict = (name, ok) => {
  if (!ok) failures.push(name)
  return { ...nothing, passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
}

async function check({ name, command }) {
  console.log(`\n── ${name}`)
  return verdict(name, (await run(...command, at)).ok)
}

async function cargo() {
  console.log('\n── cargo test')
  const { ok, output } = await run('cargo', ['test', '--quiet', '--workspace', '--locked', '--no-fail-fast'], at)
  const counts = fromCargo(output)
  // Code that does not compile fails no test, but fails.
  return !ok && counts.failed === 0 ? sum([counts, verdict('cargo test', false)]) : counts
}

async function vitest() {
  console.log('\n── vitest')
  const directory = mkdtempSync(join(tmpdir(), 'meseta-vitest-'))
  const report = join(directory, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const { ok } = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...only], at)
    const counts = fromVitest(JSON.parse(readFileSync(report, 'utf8')))
    return !ok && counts.failed === 0 ? sum([counts, verdict('vitest', false)]) : counts
  } catch (error) {
    console.error(error.message)
    return verdict('vitest', false)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

await setUp({ except: ['generated code'] })

const counts = []
if (only.length === 0) {
  for (const one of CHECKS) counts.push(await check(one))
  counts.push(await cargo())
}
counts.push(await vitest())

const total = sum(counts)
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`)
console.log(`\n${sentence(total)}`)
process.exitCode = total.failed > 0 ? 1 : 0
