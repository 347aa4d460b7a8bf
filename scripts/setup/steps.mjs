// The steps from a fresh checkout to a program that runs. Each is skipped when its inputs are those of its last success.
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint, Stamp } from './freshness.mjs'
import { requirePrerequisites } from './prerequisites.mjs'
import { done, runShown } from './progress.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const node = (script, ...args) => [process.execPath, [script, ...args]]

const STEPS = [
  {
    name: 'dependencies',
    inputs: ['package-lock.json'],
    outputs: ['node_modules/typescript', 'node_modules/lmdb'],
    // Nothing that we depend on needs its install script: what is native among them comes prebuilt (test/tidy holds this).
    command: ['npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']],
  },
  {
    name: 'generated code',
    inputs: ['proto', 'scripts/generate.mjs', 'src/wire/generated', 'package-lock.json'],
    outputs: ['src/wire/generated'],
    command: node('scripts/generate.mjs'),
  },
  {
    name: 'native code',
    inputs: ['native', 'proto/native', 'Cargo.toml', 'Cargo.lock', 'scripts/build-native.mjs'],
    outputs: ['prebuilds'],
    command: node('scripts/build-native.mjs'),
  },
  {
    name: 'TypeScript',
    inputs: ['src', 'tsconfig.base.json', 'package-lock.json'],
    outputs: ['dist/bin/meseta.js'],
    // npx makes it executable only when it sees this directory for the first time.
    programs: ['dist/bin/meseta.js'],
    command: node('node_modules/typescript/bin/tsc', '-b', 'src/bin'),
  },
]

async function perform(step, label) {
  const stamp = new Stamp(root, step.name.replaceAll(' ', '-'))
  const { programs = [] } = step
  const isThere = step.outputs.every((path) => existsSync(join(root, path)))
  const allowToRun = () => {
    for (const path of programs) chmodSync(join(root, path), 0o755)
  }
  if (isThere && stamp.matches(fingerprint(root, step.inputs))) {
    allowToRun()
    return done(label, 'current')
  }
  stamp.clear()
  const seconds = await runShown(label, ...step.command, { cwd: root })
  allowToRun()
  stamp.set(fingerprint(root, step.inputs))
  done(label, `done in ${seconds.toFixed(1)} s`)
}

/** Brings everything up to date, or ends the program with the words of the step that failed. */
export async function setUp({ except = [] } = {}) {
  requirePrerequisites()
  const steps = STEPS.filter((step) => !except.includes(step.name))
  for (const [i, step] of steps.entries()) {
    try {
      await perform(step, `[${i + 1}/${steps.length}] ${step.name}`)
    } catch (error) {
      console.error(`${error.message}\nCould not set up: the step "${step.name}" failed.`)
      process.exit(1)
    }
  }
}
