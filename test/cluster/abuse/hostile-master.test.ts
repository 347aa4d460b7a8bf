import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AgentEvent, AgentEventType, type AgentEvent as Event } from '#wire/internal.js'
import { encode } from '#wire/protobuf.js'
import { encodeRecord } from '#wire/recordio.js'
import { Daemon } from '../../support/daemon.js'
import { ask } from '../../support/plain-http.js'
import { RealMachine } from '../../support/real-machine.js'
import { until } from '../../support/waiting.js'
import { MESETA } from './victims.js'

/** An agent whose master talks nonsense: it links itself again and again, and lives (B20, B27 from the other side). */

let machine: RealMachine
let server: Server
let agent: Daemon
let url: string
/** What the master answers to the next SUBSCRIBE. */
let say: (response: ServerResponse) => void
let links = 0

beforeAll(async () => {
  machine = await RealMachine.prepare()
  server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      if (request.headers['mesos-stream-id'] !== undefined) return response.writeHead(202).end()
      links++
      return say(response)
    })
  })
  say = (response) => response.destroy()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const log = join(machine.directory, 'agent.log')
  const { directory, runtimeDir, cgroupsRoot } = machine
  const flags = [
    'agent',
    '--port=0',
    `--master=127.0.0.1:${(server.address() as AddressInfo).port}`,
    `--work_dir=${join(directory, 'work')}`,
    `--runtime_dir=${runtimeDir}`,
    `--cgroups_root=${cgroupsRoot}`,
    '--registration_backoff_factor=20ms',
    '--resources=cpus:4;mem:2048;disk:1000',
  ]
  agent = new Daemon([process.execPath, MESETA], flags, log, {})
  const found = await until(() => /url=(http:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(log, 'utf8')), 60)
  if (!found?.[1]) throw new Error(`the agent does not come up: ${agent.lastWords()}`)
  url = found[1]
})
afterEach(async () => {
  expect(agent.isDead, agent.lastWords()).toBe(false)
  expect((await ask(url, { method: 'GET', path: '/health' })).status).toBe(200)
})
afterAll(async () => {
  await agent.end('SIGTERM', 20)
  server.close().closeAllConnections()
  await machine.dispose()
})

const begin = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'Content-Type': 'application/x-protobuf', 'Mesos-Stream-Id': 'x' })

/** The master says this, and afterwards the agent has come back twice. */
async function survives(answer: (response: ServerResponse) => void): Promise<void> {
  const before = links
  say = answer
  expect(await until(() => links > before + 2, 30), agent.lastWords()).toBe(true)
}

test.each<[string, (response: ServerResponse) => void]>([
  ['hangs up', (response) => response.destroy()],
  ['refuses without a word', (response) => response.writeHead(400).end()],
  ['redirects to nowhere', (response) => response.writeHead(307, { Location: 'gopher://x y/' }).end()],
  ['redirects in circles', (response) => response.writeHead(307, { Location: '/api/v1/agent' }).end()],
  ['sends records without length', (response) => begin(response).end('hello')],
  ['sends a record of four gigabytes', (response) => begin(response).end('4294967296\nx')],
  ['sends records that are no messages', (response) => begin(response).end(encodeRecord(Buffer.from([0xff, 0xff, 0xff])))],
  ['sends half a record', (response) => begin(response).end('50\nabc')],
  ['sends nothing', (response) => begin(response).end()],
])('a master that %s', (_what, answer) => survives(answer))

const info = { name: 'x', user: 'root' }
const id = { value: 'x' }
const welcome: Event = {
  type: AgentEventType.SUBSCRIBED,
  subscribed: { agentId: { value: 'hostile-S0' }, heartbeatIntervalSeconds: 15 },
}
const task = { name: 't', taskId: id, agentId: id }
const nonsense: [string, Event][] = [
  ['nothing at all', {}],
  ['SUBSCRIBED and no more', { type: AgentEventType.SUBSCRIBED }],
  ...[
    AgentEventType.RUN_TASK,
    AgentEventType.RUN_TASK_GROUP,
    AgentEventType.KILL_TASK,
    AgentEventType.SHUTDOWN_EXECUTOR,
    AgentEventType.SHUTDOWN_FRAMEWORK,
    AgentEventType.ACKNOWLEDGE,
    AgentEventType.MESSAGE,
    AgentEventType.UPDATE_FRAMEWORK,
    AgentEventType.RECONCILE_TASKS,
  ].map((type): [string, Event] => [`type ${type} without its body`, { type }]),
  ['a task of a framework without id', { type: AgentEventType.RUN_TASK, runTask: { frameworkInfo: info, task } }],
  [
    'a task whose id leads away',
    {
      type: AgentEventType.RUN_TASK,
      runTask: {
        frameworkInfo: { ...info, id: { value: '../../..' } },
        task: { ...task, taskId: { value: '../../../x' }, command: { value: 'true' } },
      },
    },
  ],
  ['a task that is nothing', { type: AgentEventType.RUN_TASK, runTask: { frameworkInfo: { ...info, id }, task } }],
  ['a framework without id', { type: AgentEventType.UPDATE_FRAMEWORK, updateFramework: { frameworkInfo: info } }],
  [
    'an acknowledgement of no uuid',
    { type: AgentEventType.ACKNOWLEDGE, acknowledge: { frameworkId: id, taskId: id, uuid: Buffer.alloc(0) } },
  ],
]

test.each(nonsense)('a master that says %s', (_what, event) =>
  survives((response) => {
    begin(response)
    for (const each of [event, welcome, event]) response.write(encodeRecord(encode(AgentEvent, each)))
    setTimeout(() => response.destroy(), 100)
  }),
)
