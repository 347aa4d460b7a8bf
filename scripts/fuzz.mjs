// `npm run fuzz [-- TARGET [SECONDS]]`: feeds what parses with bytes that find new ways through it, and stops at the first that it should not take so.
// Without a target all of them, each so many seconds (60). What was interesting stays in target/fuzz/corpus; what was found, in target/fuzz/findings.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup/steps.mjs'

const triple = 'x86_64-unknown-linux-gnu'
const directory = join(root, 'target', 'fuzz')
const seeds = join(root, 'native', 'fuzz', 'corpus')
const scratch = join('/dev/shm', `meseta-fuzz-${process.pid}`)

/** What libFuzzer needs to see which ways were taken. The stable compiler has all of it. */
const COVERAGE = [
  ...['--cfg=fuzzing', '-Ccodegen-units=1', '-Cpasses=sancov-module', '-Cllvm-args=-sanitizer-coverage-level=4'],
  ...['inline-8bit-counters', 'pc-table', 'trace-compares'].map((what) => `-Cllvm-args=-sanitizer-coverage-${what}`),
]

const LIMITS = ['-timeout=20', '-rss_limit_mb=2048', '-max_len=65536', '-print_final_stats=1', '-detect_leaks=0']

function run(command, words, environment = {}) {
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
  if (error) console.error(`${command}: ${error.message}`)
  return status ?? 1
}

/** With the versions that everything else is built with; cargo adds what only this needs. */
function build() {
  const manifest = join('native', 'fuzz', 'Cargo.toml')
  copyFileSync(join(root, 'Cargo.lock'), join(root, 'native', 'fuzz', 'Cargo.lock'))
  const words = ['build', '--release', '--manifest-path', manifest, '--target', triple, '--target-dir', directory]
  return run('cargo', words, { RUSTFLAGS: COVERAGE.join(' ') })
}

/** Its own corpus first, which grows; then what is committed. */
function fuzz(target, seconds) {
  console.log(`\n── ${target}, ${seconds} s`)
  const [corpus, findings] = ['corpus', 'findings'].map((name) => join(directory, name, target))
  for (const path of [corpus, findings, scratch]) mkdirSync(path, { recursive: true })
  const words = [corpus, join(seeds, target), `-max_total_time=${seconds}`, `-artifact_prefix=${findings}/`, ...LIMITS]
  return run(join(directory, triple, 'release', 'meseta-fuzz'), words, { MESETA_FUZZ_TARGET: target, TMPDIR: scratch })
}

const [only, seconds = '60'] = process.argv.slice(2)
const targets = readdirSync(seeds).filter((name) => only === undefined || name === only)
if (targets.length === 0) {
  console.error(`There is no target ${only}; there are ${readdirSync(seeds).join(', ')}.`)
  process.exit(2)
}
if (build() !== 0) process.exit(1)
const failed = targets.filter((target) => fuzz(target, seconds) !== 0)
run('rm', ['-rf', scratch])
if (failed.length > 0) console.error(`\nFound something in: ${failed.join(', ')}. It lies in target/fuzz/findings.`)
process.exit(failed.length > 0 ? 1 : 0)
