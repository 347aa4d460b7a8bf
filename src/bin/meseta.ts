#!/usr/bin/env node
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, relative } from 'node:path'
import type { CliContext, Output } from '#cli/context.js'
import { runCli } from '#cli/program.js'
import type { Surroundings } from './process.js'
import { keepHeapSmall } from './small-heap.js'

const script = process.argv[1]!
const surroundings: Surroundings = {
  env: process.env,
  script: realpathSync(script),
  command: script.endsWith('.js') ? `node ${shortest(script)}` : basename(script),
  say: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
}

function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.length < path.length ? fromHere : path
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    drained: () => (stream.writableNeedDrain ? once(stream, 'drain').then(() => {}) : Promise.resolve()),
    isTTY: stream.isTTY,
    // As they are by then: windows change.
    get columns() {
      return stream.columns
    },
    get rows() {
      return stream.rows
    },
  }
}

const context: CliContext = {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  env: process.env,
  user: userInfo().username,
  onSignal(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener)
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener)
  },
  // Each is loaded when it is wanted: an agent that has to come back quickly does not wait for the master's code.
  daemons: {
    master: async (argv) => (await import('./master.js')).runMaster(argv, surroundings),
    agent: async (argv) => {
      keepHeapSmall()
      return (await import('./agent.js')).runAgent(argv, surroundings)
    },
    up: async (options) => (await import('./up.js')).runUp(options, surroundings),
    down: async (options) => (await import('./down.js')).runDown(options, surroundings),
  },
}

/** `meseta ps | head`: a reader that has seen enough is no failure of ours. A full disk is: what was asked for is not all there. */
function endUnwritten(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`meseta: the output cannot be written: ${error.message}\n`)
  process.exit(1)
}

process.stdout.on('error', endUnwritten)
// Nobody can be told any more.
process.stderr.on('error', () => process.exit(1))

void runCli(process.argv.slice(2), context).then((code) => {
  process.exitCode = code
  // What was written is flushed first; connections that are kept alive may not keep us.
  process.stdout.write('', (error) => (error ? endUnwritten(error) : process.stderr.write('', () => process.exit(code))))
})
