import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '#base/random.js'
import type { JsonScheduler } from '../../../support/test-scheduler.js'
import { sendRaw } from '../raw-http.js'
import { Victims } from '../victims.js'
import { alive, type GoodRequest, goodRequests, typeOf } from './good-requests.js'
import { damaged, mutated, oddHeaders } from './mutate.js'

/**
 * Good requests of every endpoint with something wrong with them, as many as fit into FUZZ_SECONDS, from FUZZ_SEED on. What is asked of the
 * answers is little: there is one, it is no fault of ours, and it says in a sentence what was wrong.
 */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 20)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const AT_ONCE = 8
/** What streams has no end: so long is listened to it. */
const LISTEN = 100

let victims: Victims
let scheduler: JsonScheduler
let agent: string
beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler({ roles: ['probe', 'r', 'r1', 'dev'], failover_timeout: 0 })
  agent = (JSON.parse(await victims.agent.read('/state')) as { id: string }).id
})
afterAll(async () => {
  await scheduler.call({ type: 'TEARDOWN' })
  await victims.end()
})

/** How often each status was heard. */
const answers = new Map<number, number>()

interface Heard {
  readonly status: number
  readonly body: string
}

test(`${SECONDS} seconds of damaged requests from seed ${SEED} on`, { timeout: SECONDS * 1000 + 60_000 }, async () => {
  const good = goodRequests()
  // Where the state is: half of the requests go there.
  const calls = good.filter(({ path }) => ['/api/v1/scheduler', '/api/v1/agent', '/api/v1/executor'].includes(path))
  expect(good.length).toBeGreaterThan(100)
  const random = new Random(SEED)
  const until = Date.now() + SECONDS * 1000
  let sent = 0
  const worker = async (): Promise<void> => {
    while (Date.now() < until) {
      sent++
      const from = random.below(2) ? calls : good
      await one(alive(from[random.below(from.length)]!, ids()), random)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  // What is refused at the door tries nothing behind it.
  for (const status of [200, 202, 400])
    expect(answers.get(status) ?? 0, `${sent} sent: ${[...answers].join(' ')}`).toBeGreaterThan(SECONDS)
  await victims.areWell()
})

/** Of the scheduler that takes part; its latest offer. */
function ids(): { framework: string; agent: string; offer: string } {
  const offers = scheduler.stream.events.filter(({ type }) => type === 'OFFERS').at(-1) as
    | { offers?: { offers: { id: { value: string } }[] } }
    | undefined
  return { framework: scheduler.id, agent, offer: offers?.offers?.offers[0]?.id.value ?? 'none' }
}

async function one(call: GoodRequest, random: Random): Promise<void> {
  const victim = victims[call.to]
  const text = mutated(call.body, random)
  const headers = oddHeaders(scheduler.stream.streamId, random)
  const body = random.below(6) === 0 && !/"command"/.test(text) ? damaged(text, random) : Buffer.from(text)
  const path = random.below(10) === 0 ? damagedPath(call.path, random) : call.path
  if (random.below(15) === 0) return void (await sendRaw(victim.port, rawForm(path, body, random), LISTEN))
  const heard = await send(victim.port, call.method, path, headers, body)
  if (!heard) return
  answers.set(heard.status, (answers.get(heard.status) ?? 0) + 1)
  judge(
    heard,
    () =>
      `${call.to} ${call.method} ${path} ${JSON.stringify(headers).slice(0, 300)} ${typeOf(call.body)}\n${body.toString().slice(0, 2000)}`,
  )
}

/** Answers that are complete, or begun; undefined where the daemon closed the connection, as it may when HTTP itself is broken. */
function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<Heard | undefined> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      let text = ''
      const done = (): void => {
        answer.destroy()
        resolve({ status: answer.statusCode ?? 0, body: text })
      }
      answer.on('data', (piece: Buffer) => {
        text += piece.toString()
      })
      answer.on('end', done)
      answer.on('error', done)
      if (answer.headers['content-length'] === undefined) setTimeout(done, LISTEN)
    })
    outgoing.on('error', () => resolve(undefined))
    outgoing.end(method === 'GET' ? undefined : body)
  })
}

/** Statuses of 500 and above that are recorded, or say that something is not built or not ready. */
const ALLOWED = [501, 503]

function judge({ status, body }: Heard, what: () => string): void {
  const packed = body.includes('failed to decode body')
  if (status >= 500 && !ALLOWED.includes(status) && !packed) throw new Error(`${status} ${body.slice(0, 500)}\nto ${what()}`)
  if (status >= 400 && status !== 404 && body.trim() === '') throw new Error(`${status} without a word\nto ${what()}`)
  if (/\bat .{1,200}:\d+:\d+\)?$/m.test(body) && status >= 400)
    throw new Error(`a stack trace: ${body.slice(0, 500)}\nto ${what()}`)
  if (/\[object |undefined|TypeError|RangeError/.test(body) && status >= 400)
    throw new Error(`no sentence: ${body.slice(0, 500)}\nto ${what()}`)
}

function damagedPath(path: string, random: Random): string {
  const tricks = [
    '/..',
    '//',
    '/%2e%2e',
    '?__proto__=1',
    '&limit=-1',
    '%00',
    '/',
    ';x',
    '?path=../../etc/passwd',
    `?${'a=b&'.repeat(500)}`,
    '#',
  ]
  return path + tricks[random.below(tricks.length)]!
}

/** Bytes that are hardly HTTP; what comes of them is seen by whether the daemon still lives. */
function rawForm(path: string, body: Buffer, random: Random): Buffer {
  const head = (more: string): Buffer =>
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}\r\n\r\n`)
  const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
  const forms = [
    () => Buffer.concat([head(`Content-Length: ${body.length + 50}`), body]),
    () => Buffer.concat([head(`Content-Length: ${Math.max(0, body.length - 5)}`), body]),
    () => Buffer.concat([head('Transfer-Encoding: chunked'), chunk, Buffer.from('zz\r\n')]),
    () => Buffer.concat([head('Transfer-Encoding: chunked'), chunk.subarray(0, chunk.length >> 1)]),
    () => Buffer.concat(Array(20).fill(Buffer.concat([head(`Content-Length: ${body.length}`), body]))),
    () => damaged(Buffer.concat([head(`Content-Length: ${body.length}`), body]).toString('latin1'), random),
  ]
  return forms[random.below(forms.length)]!()
}
