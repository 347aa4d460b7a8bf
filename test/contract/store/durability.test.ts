import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { EmbeddedStore } from '#store/embedded.js'
import { type Bundle, bundle } from '../../support/bundle.js'

const run = promisify(execFile)
let writer: Bundle
let path: string

beforeAll(async () => {
  writer = await bundle(new URL('./writer.ts', import.meta.url))
})
afterAll(() => writer.dispose())
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'meseta-store-'))
})
afterEach(() => rm(path, { recursive: true, force: true }))

test('seen from outside: between the call of a write and its promise, the file is written and flushed', async () => {
  const traced = 'trace=openat,write,pwrite64,writev,pwritev,fsync,fdatasync,msync'
  const { stderr } = await run('strace', ['-f', '-e', traced, '-s', '64', process.execPath, writer.file, path, 'once'], {
    env: writer.env,
  })
  const calls = stderr.split('\n')
  // LMDB writes its pages, flushes them, then writes the page that makes them current through a descriptor that flushes each write.
  const current = descriptorOf(calls, /data\.mdb", O_WRONLY\|O_DSYNC.* = (\d+)$/)
  for (let i = 0; i < 5; i++) {
    const during = calls.slice(indexOf(calls, `"begin ${i}\\n"`), indexOf(calls, `"resolved ${i}\\n"`))
    const order = [
      / (pwrite64|p?writev)\(/,
      / (fsync|fdatasync|msync)(\(| resumed).* = 0\b/,
      new RegExp(` pwrite64\\(${current},`),
    ]
    const found = order.map((call) => during.findIndex((line) => call.test(line)))
    expect(found, `pages, flush, commit before promise ${i}:\n${during.join('\n')}`).not.toContain(-1)
    expect(found).toEqual([...found].sort((a, b) => a - b))
  }
})

function descriptorOf(calls: string[], opening: RegExp): string {
  const found = calls.map((line) => opening.exec(line)?.[1]).find((descriptor) => descriptor !== undefined)
  expect(found, 'a descriptor of the data file with O_DSYNC').toBeDefined()
  return found as string
}

function indexOf(calls: string[], mark: string): number {
  const at = calls.findIndex((line) => line.includes(mark))
  expect(at, `strace saw ${mark}`).toBeGreaterThan(-1)
  return at
}

test('killed at any moment: what was said to be written is there, and never half a write', async () => {
  let said = -1
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, [writer.file, path, 'endless'], {
      env: writer.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    let killed = false
    lines.on('line', (line) => {
      said = Number(line)
      if (said >= 3 + round * 2 && !killed) killed = child.kill('SIGKILL')
    })
    const drained = once(lines, 'close')
    await once(child, 'exit')
    await drained

    const store = new EmbeddedStore({ path })
    const values = new Set((await store.range('round/')).map((entry) => String(entry.value)))
    await store.close()
    expect(values.size, 'one round, whole').toBe(1)
    expect(Number([...values][0])).toBeGreaterThanOrEqual(said)
  }
})

test('a store that is open is nobody else’s, until its process closes it or is gone', async () => {
  const child = spawn(process.execPath, [writer.file, path, 'endless'], { env: writer.env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(() => new EmbeddedStore({ path })).toThrow(`the store at ${path} is in use by process ${child.pid}`)
  child.kill('SIGKILL')
  await once(child, 'exit')

  const heir = new EmbeddedStore({ path })
  expect(() => new EmbeddedStore({ path })).toThrow(`in use by process ${process.pid}`)
  expect(await heir.range('round/')).toHaveLength(50)
  await heir.close()
  await new EmbeddedStore({ path }).close()
})

test('a full disk refuses the write with a sentence, and the store goes on when there is room', async () => {
  // A file size limit stands in for the disk: it needs no mount.
  const { stdout } = await run('bash', ['-c', 'ulimit -f 2048; exec "$@"', 'bash', process.execPath, writer.file, path, 'full'], {
    env: writer.env,
  })
  expect(stdout).toMatch(/^refused STORE_WRITE_FAILED after \d+\nafter: works\n$/)
})
