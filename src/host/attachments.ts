import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlEvent, type ControlRequest, OutputStream, SupervisorPhase, type WindowSize } from '#wire/native.js'
import { ControlConnection } from './control-connection.js'
import { HostErrors } from './errors.js'
import type { AttachedInput, AttachedOutput, OutputChunk } from './host.js'

const { EBUSY, ENOTTY, EPIPE } = constants.errno
/** No message holds more, so that many who give input share a supervisor fairly. */
const INPUT_CHUNK = 32 * 1024
const RETRY_MS = 5

/** A container as far as attaching goes. */
export interface Attachable {
  readonly id: string
  readonly socket: string
  /** True from when its supervisor can have been connected to. */
  hasListened(): boolean
  /** Everybody is to let go. */
  readonly closing: AbortSignal
}

export async function attachOutput(to: Attachable): Promise<AttachedOutput> {
  const { connection, events } = await attached(to, { attachOutput: true })
  return { close: () => connection.close(), [Symbol.asyncIterator]: () => chunks(to, events) }
}

async function* chunks({ id }: Attachable, events: AsyncGenerator<ControlEvent>): AsyncGenerator<OutputChunk> {
  for await (const { output, state, fellBehind } of events) {
    if (fellBehind) throw HostErrors.FELL_BEHIND({ id })
    if (output) yield { stream: output.stream === OutputStream.STDERR ? 'stderr' : 'stdout', data: output.data }
    if (state?.phase === SupervisorPhase.ENDED) return
  }
}

export async function attachInput(to: Attachable): Promise<AttachedInput> {
  const { connection } = await attached(to, { attachInput: true })
  const send = async (request: ControlRequest): Promise<void> => {
    if (!(await connection.send(request))) throw HostErrors.ENDED({ id: to.id })
  }
  return {
    async write(data) {
      for (let at = 0; at < data.length; at += INPUT_CHUNK) await send({ input: data.subarray(at, at + INPUT_CHUNK) })
    },
    end: () => send({ inputEnd: true }),
    close: () => connection.close(),
  }
}

export async function resize(to: Attachable, windowSize: WindowSize): Promise<void> {
  const { connection } = await attached(to, { windowSize })
  connection.close()
}

interface Attached {
  connection: ControlConnection
  /** All after the answer. */
  events: AsyncGenerator<ControlEvent>
}

async function attached(to: Attachable, request: ControlRequest): Promise<Attached> {
  const { id } = to
  const connection = await connected(to)
  await connection.send(request)
  const events = connection.events()
  for (let next = await events.next(); !next.done; next = await events.next()) {
    const { attachResult } = next.value
    if (attachResult === 0) return { connection, events }
    if (attachResult !== undefined) {
      connection.close()
      throw refusal(id, attachResult, request)
    }
  }
  throw HostErrors.ENDED({ id })
}

/** A supervisor listens soon after it was born, until it leaves. Its socket has a name a moment before anybody listens there. */
async function connected(to: Attachable): Promise<ControlConnection> {
  for (;;) {
    try {
      return await ControlConnection.open(to.socket, to.closing)
    } catch (error) {
      if (!isNotYetThere(error) || to.hasListened()) throw HostErrors.ENDED({ id: to.id }, error)
      await sleep(RETRY_MS)
    }
  }
}

function isNotYetThere(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ECONNREFUSED'
}

function refusal(id: string, errno: number, { windowSize }: ControlRequest): Error {
  switch (errno) {
    case ENOTTY:
      return windowSize ? HostErrors.NO_TERMINAL({ id }) : HostErrors.NOT_ATTACHABLE({ id })
    case EBUSY:
      return HostErrors.INPUT_TAKEN({ id })
    case EPIPE:
      return HostErrors.INPUT_ENDED({ id })
    default:
      return HostErrors.OPERATION_FAILED({ sentence: `could not attach to container ${id}: error ${errno}` })
  }
}
