import { afterEach, expect, test, vi } from 'vitest'
import { silentLog } from '#base/log.js'
import { empty, type Handler, header, type Request, text } from '#http/answer.js'
import { decodeCall, encodeMessage } from '#http/call.js'
import { EventStream } from '#http/event-stream.js'
import { createConnections, exchange, exchangeOrThrow } from '#http/exchange.js'
import { JSON_TYPE, PROTOBUF_TYPE } from '#http/media-type.js'
import { createServer, type Server } from '#http/server.js'
import { type Subscription, subscribe } from '#http/subscription.js'
import { Call, CallType, Event, EventType } from '#wire/scheduler.js'

const servers: Server[] = []
const subscriptions: Subscription<Call>[] = []
afterEach(async () => {
  for (const subscription of subscriptions.splice(0)) subscription.close()
  for (const server of servers.splice(0)) await server.close()
})

async function serve(path: string, handler: Handler): Promise<string> {
  const server = createServer({ prefix: 'master', log: silentLog })
  servers.push(server)
  server.route(path, handler, { methods: ['POST'] })
  return `http://127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}${path}`
}

/** Takes every SUBSCRIBE; answers other calls through `onCall`. */
async function scheduler(
  onCall: (call: Call, request: Request) => Promise<void> | void = () => {},
): Promise<{ url: string; streams: EventStream[] }> {
  const streams: EventStream[] = []
  const url = await serve('/api/v1/scheduler', async (request) => {
    const call = decodeCall(Call, request)
    if (call.type !== CallType.SUBSCRIBE) {
      await onCall(call, request)
      return empty(202)
    }
    const stream = new EventStream()
    streams.push(stream)
    return { headers: { 'Mesos-Stream-Id': 'stream-1', 'Content-Type': header(request, 'accept')! }, stream }
  })
  return { url, streams }
}

const SUBSCRIBE: Call = { type: CallType.SUBSCRIBE, subscribe: { frameworkInfo: { user: 'u', name: 'n' } } }
const heartbeat = (media: typeof JSON_TYPE | typeof PROTOBUF_TYPE) => encodeMessage(Event, { type: EventType.HEARTBEAT }, media)

async function connect(url: string, media: typeof JSON_TYPE | typeof PROTOBUF_TYPE = PROTOBUF_TYPE) {
  const events: Event[] = []
  const ends: Error[] = []
  const listener = { event: (event: Event) => void events.push(event), end: (why: Error) => void ends.push(why) }
  const subscription = await subscribe({ call: Call, event: Event, media }, { url }, SUBSCRIBE, listener)
  subscriptions.push(subscription)
  return { subscription, events, ends }
}

test.each([JSON_TYPE, PROTOBUF_TYPE] as const)(
  'events come down and calls go up with the id of the stream, in %s',
  async (media) => {
    const calls: unknown[] = []
    const { url, streams } = await scheduler(
      (call, request) => void calls.push([call.type, header(request, 'mesos-stream-id'), header(request, 'content-type')]),
    )
    const { subscription, events } = await connect(url, media)
    expect(subscription.streamId).toBe('stream-1')
    streams[0]!.send(heartbeat(media))
    await vi.waitFor(() => expect(events).toEqual([{ type: EventType.HEARTBEAT }]))
    expect((await subscription.call({ type: CallType.REVIVE })).status).toBe(202)
    expect(calls).toEqual([[CallType.REVIVE, 'stream-1', media]])
  },
)

test('calls are answered in the order in which they were made, on one connection', async () => {
  const seen: [string, string][] = []
  const { url } = await scheduler(async (call, request) => {
    // The first is the slowest: order must not come from luck.
    if (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 30))
    seen.push([call.kill!.taskId.value, request.peer])
  })
  const { subscription } = await connect(url)
  const kill = (value: string): Call => ({ type: CallType.KILL, kill: { taskId: { value } } })
  await Promise.all(['a', 'b', 'c', 'd'].map((id) => subscription.call(kill(id))))
  expect(seen.map(([id]) => id)).toEqual(['a', 'b', 'c', 'd'])
  expect(new Set(seen.map(([, peer]) => peer)).size).toBe(1)
})

test('what the server says against a call is what the caller reads', async () => {
  const url = await serve('/x', () => text(400, 'Framework cannot be found'))
  await expect(connect(url)).rejects.toMatchObject({
    code: 'HTTP_REFUSED',
    message: `${url} answered 400: Framework cannot be found`,
  })
})

test('a standby redirects to its leader, and calls go there too', async () => {
  const calls: Call[] = []
  const { url, streams } = await scheduler((call) => void calls.push(call))
  const standby = await serve('/api/v1/scheduler', () => empty(307, { Location: url.replace('http:', '') }))
  const { subscription } = await connect(standby)
  expect([subscription.url, streams.length]).toEqual([url, 1])
  await subscription.call({ type: CallType.REVIVE })
  expect(calls).toEqual([{ type: CallType.REVIVE }])
})

test('servers that redirect to each other end in an error', async () => {
  const url: string = await serve('/x', () => empty(307, { Location: url.replace('http:', '') }))
  await expect(connect(url)).rejects.toMatchObject({ code: 'HTTP_REDIRECTS_ENDLESS' })
})

test('a server that nobody runs is named', async () => {
  await expect(connect('http://127.0.0.1:1/x')).rejects.toThrow('http://127.0.0.1:1/x cannot be reached: nobody listens there')
})

test('the listener is told once why the stream is over', async () => {
  const { url, streams } = await scheduler()
  const { ends } = await connect(url)
  streams[0]!.end()
  await vi.waitFor(() =>
    expect(ends.map((end) => end.message)).toEqual([`the event stream of ${url} ended: the server closed it`]),
  )
})

test('bytes that are no event end the stream', async () => {
  const { url, streams } = await scheduler()
  const { ends } = await connect(url)
  streams[0]!.send(Buffer.from('ffffff', 'hex'))
  await vi.waitFor(() => expect(ends[0]?.message).toContain('Failed to parse body into Event protobuf'))
})

test('silence ends the stream, heartbeats keep it', async () => {
  const { url, streams } = await scheduler()
  const { subscription, ends, events } = await connect(url)
  subscription.expectSomethingEvery(120)
  for (let i = 0; i < 10; i++) {
    streams[0]!.send(heartbeat(PROTOBUF_TYPE))
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  expect([events.length, ends.length]).toEqual([10, 0])
  await vi.waitFor(() => expect(ends[0]).toMatchObject({ code: 'HTTP_SILENT' }))
})

test('after close nothing is told, and the server notices', async () => {
  const { url, streams } = await scheduler()
  const { subscription, ends } = await connect(url)
  subscription.close()
  subscription.close()
  await vi.waitFor(() => expect(streams[0]!.open).toBe(false))
  expect(ends).toEqual([])
})

test('a plain exchange gives every status, the strict one only good ones', async () => {
  const connections = createConnections()
  const url = await serve('/x', () => text(404, 'gone'))
  expect(await exchange(connections, { url })).toMatchObject({ status: 404, body: Buffer.from('gone') })
  await expect(exchangeOrThrow(connections, { url })).rejects.toThrow(`${url} answered 404: gone`)
  await connections.close()
})
