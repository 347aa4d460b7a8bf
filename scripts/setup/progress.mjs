// Runs a program and shows that it goes on: on a terminal its last line, elsewhere a line at start and end. When it fails, all it said.
import { spawn } from 'node:child_process'

const terminal = process.stderr.isTTY === true
const say = (text) => process.stderr.write(text)
const clearLine = () => terminal && say('\r\x1b[K')

function showLast(label, chunk) {
  if (!terminal) return
  const line = chunk.trimEnd().split('\n').at(-1) ?? ''
  const width = (process.stderr.columns ?? 80) - label.length - 4
  clearLine()
  say(`${label}  ${line.slice(0, Math.max(0, width))}`)
}

/** Resolves with the seconds that it took; rejects with the program's own words. */
export function runShown(label, command, args, options = {}) {
  const started = Date.now()
  say(terminal ? label : `${label} …\n`)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const take = (chunk) => {
      output += chunk
      showLast(label, chunk)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearLine()
      if (code === 0) return resolve((Date.now() - started) / 1000)
      reject(new Error(`${output}\n\`${command} ${args.join(' ')}\` ended with ${signal ?? `status ${code}`}`))
    })
  })
}

export const done = (label, detail) => say(`${label}: ${detail}\n`)
