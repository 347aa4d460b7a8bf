import { afterEach, expect, test, vi } from 'vitest'
import { silentLog } from '#base/log.js'
import { type Answer, empty, header, type StreamAnswer, text } from '#http/answer.js'
import { decodeCall, encodeMessage } from '#http/call.js'
import { EventStream } from '#http/event-stream.js'
import { PROTOBUF_TYPE } from '#http/media-type.js'
import { createServer, type Server } from '#http/server.js'
import { Executor, executorEnvironment } from '#sdk/executor.js'
import { masterOperator, watchMaster } from '#sdk/operator.js'
import { Scheduler, type SchedulerHandlers } from '#sdk/scheduler.js'
import * as executor from '#wire/executor.js'
import * as master from '#wire/master.js'
import { TaskState, type TaskStatus } from '#wire/mesos.js'
import { Call, CallType, Event, EventType } from '#wire/scheduler.js'

let server: Server
const closers: (() => void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await server.close()
})

async function serve(path: string, handler: (body: Buffer, headers: object) => Answer | StreamAnswer): Promise<string> {
  server = createServer({ prefix: 'master', log: silentLog })
  server.route(path, (request) => handler(request.body, request.headers), { methods: ['POST'] })
  return `http://127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}`
}

/** A master that takes every framework and remembers the calls. */
async function fakeMaster() {
  const calls: Call[] = []
  const streams: EventStream[] = []
  let answer: Answer | undefined
  const url = await serve('/api/v1/scheduler', (body, headers) => {
    const call = decodeCall(Call, { body, headers: headers as Record<string, string> })
    calls.push(call)
    if (answer) return answer
    if (call.type !== CallType.SUBSCRIBE) return empty(202)
    const stream = new EventStream()
    streams.push(stream)
    const subscribed = { frameworkId: call.frameworkId ?? { value: 'F-0000' }, heartbeatIntervalSeconds: 15 }
    stream.send(encodeMessage(Event, { type: EventType.SUBSCRIBED, subscribed }, PROTOBUF_TYPE))
    return {
      headers: {
        'Mesos-Stream-Id': `stream-${streams.length}`,
        'Content-Type': header({ headers: headers as never }, 'accept')!,
      },
      stream,
    }
  })
  return {
    url,
    calls,
    streams,
    answerWith(next?: Answer) {
      answer = next
    },
    send: (event: Event) => streams.at(-1)!.send(encodeMessage(Event, event, PROTOBUF_TYPE)),
    ofType: (type: number) => calls.filter((call) => call.type === type),
  }
}

function scheduler(url: string, handlers: SchedulerHandlers = {}): Scheduler {
  const client = new Scheduler({ master: url, framework: { user: 'u', name: 'n' }, backoff: { first: 10, most: 20 } }, handlers)
  closers.push(() => client.stop())
  client.start()
  return client
}

const status = (uuid?: string): TaskStatus => ({
  taskId: { value: 't' },
  state: TaskState.TASK_RUNNING,
  agentId: { value: 'a' },
  ...(uuid === undefined ? {} : { uuid: Buffer.from(uuid) }),
})

test('a framework keeps its id over a broken stream, and hears of each subscription', async () => {
  const fake = await fakeMaster()
  const subscribed = vi.fn()
  const disconnected = vi.fn()
  const client = scheduler(fake.url, { subscribed, disconnected })
  await vi.waitFor(() => expect(subscribed).toHaveBeenCalledTimes(1))
  fake.streams[0]!.end()
  await vi.waitFor(() => expect(subscribed).toHaveBeenCalledTimes(2))
  expect(disconnected).toHaveBeenCalledTimes(1)
  expect(client.frameworkId).toEqual({ value: 'F-0000' })
  expect(
    fake.ofType(CallType.SUBSCRIBE).map((call) => [call.frameworkId?.value, call.subscribe?.frameworkInfo.id?.value]),
  ).toEqual([
    [undefined, undefined],
    ['F-0000', 'F-0000'],
  ])
})

test('a master that is away or recovering is asked again until it comes', async () => {
  const fake = await fakeMaster()
  fake.answerWith(text(503, 'recovering'))
  const subscribed = vi.fn()
  const ended = vi.fn()
  scheduler(fake.url, { subscribed, ended })
  await vi.waitFor(() => expect(fake.calls.length).toBeGreaterThan(2))
  fake.answerWith()
  await vi.waitFor(() => expect(subscribed).toHaveBeenCalled())
  expect(ended).not.toHaveBeenCalled()
})

test('a refusal is final', async () => {
  const fake = await fakeMaster()
  fake.answerWith(text(401, 'who are you?'))
  const ended = vi.fn()
  scheduler(fake.url, { ended })
  await vi.waitFor(() => expect(ended).toHaveBeenCalled())
  expect(ended.mock.calls[0]![0].message).toContain('answered 401: who are you?')
  expect(fake.calls.length).toBe(1)
})

test('an ERROR event ends the framework with the words of the master', async () => {
  const fake = await fakeMaster()
  const ended = vi.fn()
  const client = scheduler(fake.url, { ended })
  await vi.waitFor(() => expect(client.frameworkId).toBeDefined())
  fake.send({ type: EventType.ERROR, error: { message: 'Framework has been removed' } })
  await vi.waitFor(() => expect(ended).toHaveBeenCalledWith(expect.objectContaining({ message: 'Framework has been removed' })))
  await expect(client.revive()).rejects.toMatchObject({ code: 'SDK_NOT_SUBSCRIBED' })
})

test('an update is acknowledged after its handler, and not when that fails', async () => {
  const fake = await fakeMaster()
  const seen: string[] = []
  const client = scheduler(fake.url, {
    update: async (update) => {
      await new Promise(setImmediate)
      seen.push(`handled ${fake.ofType(CallType.ACKNOWLEDGE).length}`)
      if (Buffer.from(update.uuid ?? []).toString() === 'bad') throw new Error('not now')
    },
  })
  await vi.waitFor(() => expect(client.frameworkId).toBeDefined())
  fake.send({ type: EventType.UPDATE, update: { status: status('bad') } })
  fake.send({ type: EventType.UPDATE, update: { status: status() } })
  fake.send({ type: EventType.UPDATE, update: { status: status('good') } })
  await vi.waitFor(() => expect(fake.ofType(CallType.ACKNOWLEDGE).length).toBe(1))
  expect(Buffer.from(fake.ofType(CallType.ACKNOWLEDGE)[0]!.acknowledge!.uuid).toString()).toBe('good')
  expect(seen).toEqual(['handled 0', 'handled 0', 'handled 0'])
})

test('calls carry the id of the framework, in order', async () => {
  const fake = await fakeMaster()
  const client = scheduler(fake.url)
  await vi.waitFor(() => expect(client.frameworkId).toBeDefined())
  await Promise.all([client.kill('t'), client.reconcile(), client.decline([{ value: 'o' }]), client.suppress(), client.revive()])
  expect(fake.calls.slice(1).map((call) => [call.type, call.frameworkId?.value])).toEqual(
    [CallType.KILL, CallType.RECONCILE, CallType.DECLINE, CallType.SUPPRESS, CallType.REVIVE].map((type) => [type, 'F-0000']),
  )
  await client.teardown()
  expect(fake.ofType(CallType.TEARDOWN).length).toBe(1)
  await vi.waitFor(() => expect(fake.streams[0]!.open).toBe(false))
})

test('an executor brings back what the agent did not acknowledge', async () => {
  const calls: executor.Call[] = []
  const streams: EventStream[] = []
  const url = await serve('/api/v1/executor', (body, headers) => {
    const call = decodeCall(executor.Call, { body, headers: headers as Record<string, string> })
    calls.push(call)
    if (call.type !== executor.CallType.SUBSCRIBE) return empty(202)
    streams.push(new EventStream())
    return { headers: { 'Content-Type': PROTOBUF_TYPE }, stream: streams.at(-1)! }
  })
  const send = (event: executor.Event) => streams.at(-1)!.send(encodeMessage(executor.Event, event, PROTOBUF_TYPE))
  const environment = executorEnvironment({
    MESOS_AGENT_ENDPOINT: url.slice('http://'.length),
    MESOS_FRAMEWORK_ID: 'F',
    MESOS_EXECUTOR_ID: 'E',
    MESOS_CHECKPOINT: '1',
    MESOS_RECOVERY_TIMEOUT: '15mins',
    MESOS_SUBSCRIPTION_BACKOFF_MAX: '20ms',
  })
  const launch = vi.fn()
  const shutdown = vi.fn()
  const client = new Executor(environment, { launch, kill: () => {}, shutdown })
  closers.push(() => client.stop())
  client.start()
  await vi.waitFor(() => expect(streams.length).toBe(1))
  const task = (value: string) => ({ name: value, taskId: { value }, agentId: { value: 'a' } })
  for (const id of ['acked', 'open']) send({ type: executor.EventType.LAUNCH, launch: { task: task(id) } })
  await vi.waitFor(() => expect(launch).toHaveBeenCalledTimes(2))
  await client.update({ ...status('acked'), taskId: { value: 'acked' } })
  await client.update({ ...status('open'), taskId: { value: 'open' } })
  send({ type: executor.EventType.ACKNOWLEDGED, acknowledged: { taskId: { value: 'acked' }, uuid: Buffer.from('acked') } })
  await vi.waitFor(() => expect(calls.length).toBe(3))
  streams[0]!.end()
  await vi.waitFor(() => expect(streams.length).toBe(2))
  const again = calls.findLast((call) => call.type === executor.CallType.SUBSCRIBE)!
  expect(again).toMatchObject({ executorId: { value: 'E' }, frameworkId: { value: 'F' } })
  expect(again.subscribe?.unacknowledgedTasks?.map(({ taskId }) => taskId.value)).toEqual(['open'])
  expect(again.subscribe?.unacknowledgedUpdates?.map(({ status }) => status.taskId.value)).toEqual(['open'])
  send({ type: executor.EventType.SHUTDOWN })
  await vi.waitFor(() => expect(shutdown).toHaveBeenCalledWith('the agent asked for it'))
})

test('an executor without checkpointing ends with its agent', async () => {
  const streams: EventStream[] = []
  const url = await serve('/api/v1/executor', () => {
    streams.push(new EventStream())
    return { headers: {}, stream: streams.at(-1)! }
  })
  const shutdown = vi.fn()
  const client = new Executor({ agent: url, frameworkId: 'F', executorId: 'E' }, { launch: () => {}, kill: () => {}, shutdown })
  client.start()
  await vi.waitFor(() => expect(streams.length).toBe(1))
  streams[0]!.end()
  await vi.waitFor(() => expect(shutdown).toHaveBeenCalledTimes(1))
  expect(() => executorEnvironment({})).toThrow('MESOS_AGENT_ENDPOINT is not in the environment')
})

test('an operator reads, commands, and watches what happens', async () => {
  const streams: EventStream[] = []
  const url = await serve('/api/v1', (body, headers) => {
    const call = decodeCall(master.Call, { body, headers: headers as Record<string, string> })
    if (call.type === master.CallType.TEARDOWN) return text(400, 'No framework found with specified ID')
    if (call.type === master.CallType.SET_LOGGING_LEVEL) return empty(200)
    if (call.type === master.CallType.SUBSCRIBE) {
      streams.push(new EventStream())
      streams
        .at(-1)!
        .send(
          encodeMessage(
            master.Event,
            { type: master.EventType.SUBSCRIBED, subscribed: { heartbeatIntervalSeconds: 15 } },
            PROTOBUF_TYPE,
          ),
        )
      return { headers: {}, stream: streams.at(-1)! }
    }
    const health = { type: master.ResponseType.GET_HEALTH, getHealth: { healthy: true } }
    return { status: 200, headers: {}, body: encodeMessage(master.Response, health, PROTOBUF_TYPE) }
  })
  const operator = masterOperator(url)
  expect(await operator.call({ type: master.CallType.GET_HEALTH })).toMatchObject({ getHealth: { healthy: true } })
  expect(await operator.call({ type: master.CallType.SET_LOGGING_LEVEL })).toBeUndefined()
  const teardown = operator.call({ type: master.CallType.TEARDOWN, teardown: { frameworkId: { value: 'x' } } })
  await expect(teardown).rejects.toThrow('answered 400: No framework found with specified ID')
  await operator.close()
  const events: master.Event[] = []
  const watch = watchMaster(url, { event: (event) => void events.push(event) }, { backoff: { first: 10, most: 20 } })
  closers.push(() => watch.close())
  await vi.waitFor(() => expect(events.length).toBe(1))
  streams[0]!.end()
  await vi.waitFor(() => expect(events.length).toBe(2))
})
