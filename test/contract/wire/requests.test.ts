import { expect, test } from 'vitest'
import { CodedError } from '#base/errors.js'
import * as agent from '#wire/agent.js'
import * as executor from '#wire/executor.js'
import { fromJson } from '#wire/json.js'
import * as master from '#wire/master.js'
import type { MessageType } from '#wire/message.js'
import { decode } from '#wire/protobuf.js'
import * as scheduler from '#wire/scheduler.js'
import { recorded, recordings } from '../../support/recordings.js'

// Every body that was sent to a real Mesos: what it could read we read, and what it could not we refuse with its sentence.

interface Request {
  method: string
  path: string
  port: number
  headers: Record<string, string>
  body?: unknown
}
interface Exchange {
  name: string
  request: Request
  /** Absent where Mesos gave no answer. */
  status?: string | null
  body: unknown
}

// One request of the catalogue has Infinity without quotes, which is no JSON.
const bodies = (): Exchange[] => {
  const errors = JSON.parse(
    recorded('errors/catalogue.json')
      .toString()
      .replace(/: Infinity$/gm, ': "Infinity"'),
  ) as Exchange[]
  const sequences = recordings('sequences').flatMap((name) => {
    const cases = JSON.parse(allDigits(recorded(name).toString())) as { name: string; steps: Partial<Exchange>[] }[]
    return cases.flatMap((one) => one.steps.map((step) => ({ ...step, name: `${name} ${one.name}` }) as Exchange))
  })
  return [...errors, ...sequences].filter(
    ({ request }) => request?.method === 'POST' && /^\/api\/v1(\/|$)/.test(request.path ?? '') && hasBody(request),
  )
}

/** Long numbers as strings: they pass through JSON.parse whole, and mean the same in a body. */
const allDigits = (text: string) => text.replace(/: (-?\d{16,})(?=,?$)/gm, ': "$1"')

const hasBody = ({ body, headers }: Request) =>
  body !== undefined && body !== null && /^application\/(json|x-protobuf)/.test(headers['Content-Type'] ?? '')

function callType({ path, port }: Request): MessageType<object> {
  if (path === '/api/v1/scheduler') return scheduler.Call
  if (path === '/api/v1/executor') return executor.Call
  return port === 15050 ? master.Call : agent.Call
}

/** The sentence with which we refuse a request's body; `undefined` when it is read. */
function refusal(request: Request): string | undefined {
  const type = callType(request)
  const { body } = request
  try {
    if (request.headers['Content-Type'] === 'application/x-protobuf') decode(type, Buffer.from(body as string, 'hex'))
    else fromJson(type, typeof body === 'string' ? body : JSON.stringify(body))
    return undefined
  } catch (error) {
    expect(error, 'nothing but coded errors').toBeInstanceOf(CodedError)
    return (error as CodedError).message
  }
}

/** What Mesos says when it can't read a body; its other refusals come later. */
const UNREADABLE = /^Failed to (parse body|convert JSON)/

const exchanges = bodies()

test('what Mesos read, we read', () => {
  const read = exchanges.filter(({ status, body }) => status && !UNREADABLE.test(String(body)) && !status.includes('500'))
  expect(read.length).toBeGreaterThan(400)
  for (const { name, request } of read) expect(refusal(request), name).toBeUndefined()
})

test('what Mesos could not read, we refuse with a sentence that begins as its own', () => {
  const unreadable = exchanges.filter(({ body }) => UNREADABLE.test(String(body)))
  expect(unreadable.length).toBeGreaterThan(15)
  for (const { name, request, body } of unreadable) expect(refusal(request), name).toMatch(beginning(String(body)))
})

/** All of it, but for what the two parsers find near an error, and protobuf, of which Mesos only says that it is broken. */
function beginning(sentence: string): RegExp {
  const [kept] = sentence.split(/ Call protobuf$| a protobuf object$|(?<=line \d+ near:)|(?<=JSON number for field '\w+'):/)
  return new RegExp(`^${kept?.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
