import { connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import type { Clock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { EventStream, type EventStreamOptions, type StreamEnd } from '#http/event-stream.js'
import { createServer, type Server } from '#http/server.js'

let server: Server
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
})

async function subscribe(
  options: EventStreamOptions,
  paused = false,
): Promise<{ stream: EventStream; socket: Socket; seen: () => string }> {
  server = createServer({ prefix: 'master', log: silentLog })
  const stream = new EventStream(options)
  server.route('/events', () => ({ headers: { 'Mesos-Stream-Id': 'abc', 'Content-Type': 'application/json' }, stream }), {
    methods: ['POST'],
  })
  const port = await server.listen({ ip: '127.0.0.1', port: 0 })
  let seen = ''
  const socket = connect(port, '127.0.0.1', () => socket.write('POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'))
  sockets.push(socket)
  socket.on('error', () => {})
  if (paused) socket.pause()
  socket.on('data', (chunk) => {
    seen += chunk
  })
  if (paused) socket.pause()
  return { stream, socket, seen: () => seen }
}

test('headers go out before the first event, events as records in order', async () => {
  const { stream, seen } = await subscribe({})
  await vi.waitFor(() => expect(seen()).toContain('Mesos-Stream-Id: abc\r\n'))
  stream.send('one')
  stream.send(Buffer.from('three'))
  await vi.waitFor(() => expect(seen().endsWith('5\r\n3\none\r\n7\r\n5\nthree\r\n')).toBe(true))
})

test('every record is a chunk of its own, also those of one turn: some clients take a chunk for a record', async () => {
  const { stream, seen } = await subscribe({})
  await vi.waitFor(() => expect(seen()).toContain('\r\n\r\n'))
  for (let i = 0; i < 10; i++) stream.send('x')
  await vi.waitFor(() => expect(seen().endsWith('3\r\n1\nx\r\n'.repeat(10))).toBe(true))
})

test('what was sent before the subscriber was attached is not lost', async () => {
  const { stream, seen } = await subscribe({})
  stream.send('early')
  await vi.waitFor(() => expect(seen()).toContain('5\nearly'))
})

test('an ended stream brings its last record and closes', async () => {
  const ends: StreamEnd[] = []
  const { stream, socket, seen } = await subscribe({ onEnd: (why) => ends.push(why) })
  await vi.waitFor(() => expect(seen()).toContain('\r\n\r\n'))
  stream.end('bye')
  stream.send('lost')
  await vi.waitFor(() => expect(seen().endsWith('3\nbye\r\n0\r\n\r\n')).toBe(true))
  socket.destroy()
  expect(ends).toEqual(['closed by us'])
  expect(stream.open).toBe(false)
})

test('a subscriber that goes away is noticed, once', async () => {
  const ends: StreamEnd[] = []
  const { stream, socket, seen } = await subscribe({ onEnd: (why) => ends.push(why) })
  await vi.waitFor(() => expect(seen()).toContain('\r\n\r\n'))
  socket.destroy()
  await vi.waitFor(() => expect(ends).toEqual(['closed by the subscriber']))
  stream.send('nobody hears')
  stream.end()
  expect([stream.waiting, ends.length]).toEqual([0, 1])
})

test('a subscriber that stops reading is dropped at the limit and told why', async () => {
  const ends: StreamEnd[] = []
  const limit = 4 * 1024 * 1024
  const { stream, socket, seen } = await subscribe(
    { limit, overflowRecord: () => 'too slow', onEnd: (why) => ends.push(why) },
    true,
  )
  const record = Buffer.alloc(256 * 1024, 'a')
  let most = 0
  for (let i = 0; i < 2000 && stream.open; i++) {
    stream.send(record)
    most = Math.max(most, stream.waiting)
    await new Promise(setImmediate)
  }
  expect(ends).toEqual(['did not read'])
  expect(most).toBeLessThanOrEqual(limit + record.length + 100)
  expect(stream.waiting).toBeLessThan(100)
  socket.resume()
  await vi.waitFor(() => expect(seen().slice(-30)).toContain('8\ntoo slow'))
})

test('heartbeats come at their interval, whatever else is sent, and end with the stream', async () => {
  const timers: { at: number; run: () => void }[] = []
  let now = 0
  const clock: Clock = {
    now: () => now,
    at: (at, run) => {
      const timer = { at, run }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  }
  const { stream, seen } = await subscribe({ clock, heartbeat: { every: 15_000, record: 'beat' } })
  await vi.waitFor(() => expect(seen()).toContain('\r\n\r\n'))
  for (now = 15_000; now <= 45_000; now += 15_000) {
    stream.send('other')
    const due = timers.shift()!
    expect(due.at).toBe(now)
    due.run()
  }
  await vi.waitFor(() => expect(seen().split('4\nbeat').length).toBe(4))
  stream.end()
  expect(timers).toEqual([])
})
