// What a machine must bring for Meseta to be built. Each thing that is missing is named in one sentence.
import { spawnSync } from 'node:child_process'

const NEEDED_NODE = [20, 19]

const TOOLS = [
  { command: 'npm', sentence: 'npm is missing: install it with Node.js from https://nodejs.org.' },
  { command: 'cargo', sentence: 'cargo is missing: install Rust from https://rustup.rs (1.85 or newer).' },
  { command: 'cc', sentence: 'A C linker is missing: install gcc or clang (on Debian: apt-get install build-essential).' },
]

function nodeIsNewEnough(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1])
}

const runs = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

/** One sentence for each prerequisite that this machine lacks. */
export function missingPrerequisites() {
  const sentences = TOOLS.filter((tool) => !runs(tool.command)).map((tool) => tool.sentence)
  if (process.platform !== 'linux') sentences.unshift(`Meseta runs on Linux only; this is ${process.platform}.`)
  if (!nodeIsNewEnough())
    sentences.unshift(`Node.js ${process.versions.node} is too old: ${NEEDED_NODE.join('.')} or newer is needed.`)
  return sentences
}

/** Ends the program when something is missing. */
export function requirePrerequisites() {
  const sentences = missingPrerequisites()
  if (sentences.length === 0) return
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}
