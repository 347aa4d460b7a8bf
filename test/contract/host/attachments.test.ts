import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Attachable, attachOutput } from '#host/attachments.js'
import { ControlEvent, SupervisorPhase } from '#wire/native.js'
import { encode } from '#wire/protobuf.js'

let directory: string
let socket: string
let listening: Server | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meseta-attachments-'))
  socket = join(directory, 'control.sock')
})
afterEach(async () => {
  listening?.close()
  listening = undefined
  await rm(directory, { recursive: true })
})

const container = (hasListened: () => boolean): Attachable => ({
  id: 'c1',
  socket,
  hasListened,
  closing: new AbortController().signal,
})

function frame(event: ControlEvent): Buffer {
  const message = encode(ControlEvent, event)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(message.length)
  return Buffer.concat([length, message])
}

/** Answers whoever attaches, and ends. It is there at once. */
async function listen(): Promise<void> {
  const server = createServer((peer) => {
    const exit = { waitStatus: 0, finishedAtMs: 0n }
    const state = { phase: SupervisorPhase.ENDED, version: 1, exit }
    peer.end(Buffer.concat([frame({ attachResult: 0 }), frame({ state })]))
  })
  listening = server
  await new Promise<void>((resolve) => server.listen(`${socket}.new`, resolve))
  await rename(`${socket}.new`, socket)
}

/** What a name is on which nobody listens: refused, as a socket is between its bind and its listen. */
const nobodyListens = (): Promise<void> => writeFile(socket, '')

/** A container in whose life this has been asked for so often is watched. */
function asked(times: number): { reached: Promise<void>; hasListened: () => boolean } {
  let [count, reach] = [0, (): void => {}]
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const hasListened = (): boolean => {
    count += 1
    if (count === times) reach()
    return false
  }
  return { reached, hasListened }
}

test.each([
  ['has no name yet', async () => {}],
  ['has a name on which nobody listens yet', nobodyListens],
])('who attaches to a socket that %s waits for the supervisor', async (_, before) => {
  await before()
  const { reached, hasListened } = asked(3)
  const attaching = attachOutput(container(hasListened))
  await reached
  await listen()
  const chunks = []
  for await (const chunk of await attaching) chunks.push(chunk)
  expect(chunks).toEqual([])
})

test.each([
  ['has no name any more', async () => {}],
  ['nobody listens on any more', nobodyListens],
])('a socket that %s is the end of its container', async (_, before) => {
  await before()
  await expect(attachOutput(container(() => true))).rejects.toMatchObject({ code: 'HOST_ENDED' })
})
