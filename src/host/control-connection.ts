import { once } from 'node:events'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { ControlEvent, ControlRequest } from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'

/** How the end of a connection reads, from whichever side it came. */
const HUNG_UP = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']

/** A connection of one's own to a supervisor: each attachment has one, so that one which is not read holds up no other. */
export class ControlConnection {
  readonly #socket: Socket
  #closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    // Whoever reads or writes sees the end; nobody else needs to.
    socket.on('error', () => {})
  }

  /** Until `signal`, at the latest. By way of the directory's handle, so that only the name counts towards the length of a socket's path. */
  static async open(path: string, signal: AbortSignal): Promise<ControlConnection> {
    const directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      const socket = connect({ path: `/proc/self/fd/${directory.fd}/${basename(path)}`, signal })
      await once(socket, 'connect')
      return new ControlConnection(socket)
    } finally {
      await directory.close()
    }
  }

  /** Resolves when the supervisor has taken most of it; false: it is gone. */
  async send(request: ControlRequest): Promise<boolean> {
    if (this.#closed || this.#socket.destroyed) return false
    const message = encode(ControlRequest, request)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(message.length)
    if (this.#socket.write(Buffer.concat([length, message]))) return true
    await this.#drained()
    return !this.#socket.destroyed
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done)
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    })
  }

  /** Until the supervisor hangs up, or this side does. What is not taken out of it stays in the socket. */
  async *events(): AsyncGenerator<ControlEvent> {
    let pending: Buffer = Buffer.alloc(0)
    try {
      for await (const chunk of this.#socket) {
        pending = pending.length === 0 ? (chunk as Buffer) : Buffer.concat([pending, chunk as Buffer])
        while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32LE(0)) {
          const end = 4 + pending.readUInt32LE(0)
          yield decode(ControlEvent, pending.subarray(4, end))
          pending = pending.subarray(end)
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!code || !HUNG_UP.includes(code)) throw error
    }
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }
}
