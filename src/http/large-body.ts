import type { Readable } from 'node:stream'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Above it the connection is not read on. */
const AHEAD = 256 * 1024

/**
 * A body that is too large to be held, one chunk after the other. A chunk is whoever takes it until he asks for the next one; then its memory is free
 * at once. Left to the garbage collector, what the event loop reads piles up to 32 MiB before V8 looks.
 */
export function chunksOf(body: Readable): AsyncGenerator<Uint8Array> {
  body.on('error', () => undefined) // whoever takes it is told; until somebody does, nobody else should be
  const chunks = flowOf(body)
  // One that nobody has begun to take would not be told that nobody will.
  const end = chunks.return.bind(chunks)
  chunks.return = (value) => {
    body.destroy()
    return end(value)
  }
  return chunks
}

async function* flowOf(body: Readable): AsyncGenerator<Uint8Array> {
  const ahead: Uint8Array[] = []
  let held = 0
  let over = false
  let failure: Error | undefined
  let wake = (): void => {}
  const closed = (): void => {
    over = true
    wake()
  }
  // Flowing, since a paused stream joins what it holds into a copy.
  body.on('data', (chunk: Uint8Array) => {
    ahead.push(chunk)
    held += chunk.length
    if (held > AHEAD) body.pause()
    wake()
  })
  body.once('error', (error) => (failure = error))
  body.once('end', closed).once('close', closed)
  try {
    for (;;) {
      const chunk = ahead.shift()
      if (chunk) {
        yield chunk
        held -= chunk.length
        release(chunk)
      } else if (over) break
      else {
        body.resume()
        await new Promise<void>((resolve) => (wake = resolve))
      }
    }
    if (failure) throw failure
  } finally {
    body.destroy()
  }
}

let nowhere: MessagePort | undefined

/** What is sent to a port that is closed is gone, its memory with it. A part of a buffer is left alone: others may have the rest. */
function release(chunk: Uint8Array): void {
  if (chunk.byteLength < chunk.buffer.byteLength || chunk.byteLength === 0) return
  nowhere ??= closedPort()
  nowhere.postMessage(undefined, [chunk.buffer as ArrayBuffer])
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}
