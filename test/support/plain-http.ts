import { type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { RecordDecoder } from '#wire/recordio.js'

export interface Asked {
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
}

export interface Told {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** One request as written, path and all, on a connection of its own: what a careless client would send. */
export async function ask(url: string, asked: Asked): Promise<Told> {
  const answer = await send(url, asked)
  const pieces: Buffer[] = []
  for await (const piece of answer) pieces.push(piece as Buffer)
  const body = Buffer.concat(pieces)
  const text = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: text.toString() }
}

function send(url: string, { method = 'POST', path, headers, body }: Asked): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: headers ?? {}, agent: false }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export type JsonEvent = Record<string, unknown> & { type?: string }

/** An event stream read as JSON. Events are kept in order; `next` waits for one that fits and that no earlier `next` gave. */
export class JsonStream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly events: JsonEvent[] = []
  ended = false
  private readonly answer: IncomingMessage
  private taken = new Set<JsonEvent>()
  private wake: (() => void)[] = []

  static async open(
    url: string,
    path: string,
    call: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<JsonStream> {
    const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
    return new JsonStream(await send(url, { path, headers: { ...json, ...headers }, body: JSON.stringify(call) }))
  }

  private constructor(answer: IncomingMessage) {
    this.answer = answer
    this.status = answer.statusCode ?? 0
    this.headers = answer.headers
    const decoder = new RecordDecoder()
    answer.on('data', (piece: Buffer) => {
      // A refusal is a sentence, not a stream.
      if (this.status !== 200) return
      for (const record of decoder.decode(piece)) this.events.push(JSON.parse(record.toString()) as JsonEvent)
      this.changed()
    })
    answer.on('close', () => {
      this.ended = true
      this.changed()
    })
    answer.on('error', () => {})
  }

  get streamId(): string {
    return String(this.headers['mesos-stream-id'])
  }

  /** Rejects with what came instead. */
  async next(fits: (event: JsonEvent) => boolean, what = 'an event', withinMs = 10_000): Promise<JsonEvent> {
    const until = Date.now() + withinMs
    for (;;) {
      const found = this.events.find((event) => !this.taken.has(event) && fits(event))
      if (found) {
        this.taken.add(found)
        return found
      }
      if (this.ended || Date.now() >= until)
        throw new Error(
          `${what} did not come; last came: ${this.events
            .slice(-8)
            .map((event) => JSON.stringify(event).slice(0, 300))
            .join('\n')}`,
        )
      await this.change(until - Date.now())
    }
  }

  async end(withinMs = 10_000): Promise<void> {
    const until = Date.now() + withinMs
    while (!this.ended) {
      if (Date.now() >= until) throw new Error('the stream did not end')
      await this.change(until - Date.now())
    }
  }

  close(): void {
    this.answer.destroy()
  }

  private change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(withinMs, 1))
      this.wake.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  private changed(): void {
    for (const wake of this.wake.splice(0)) wake()
  }
}
