import { expect, test } from 'vitest'
import { parseAttributes } from '#model/attributes.js'
import { executorModel } from '#model/legacy-json/executor.js'
import { capabilitiesModel, roleMembers } from '#model/legacy-json/framework.js'
import { attributesModel, reservedFull, reservedModel, resourcesFull, resourcesModel } from '#model/legacy-json/resources.js'
import { queuedTaskModel, taskModel } from '#model/legacy-json/task.js'
import { parseResources } from '#model/resource-flags.js'
import { Resources } from '#model/resources.js'
import { fromJson } from '#wire/json.js'
import {
  ExecutorInfo,
  FrameworkInfo,
  Resource,
  ResourceReservationInfoType,
  Task,
  type TaskInfo,
  ValueType,
} from '#wire/mesos.js'
import { recorded as recording } from '../../../support/recordings.js'

type Json = Record<string, unknown>
type TaskJson = { id: string; executor_id: string }
type Framework = { tasks: TaskJson[]; completed_tasks: TaskJson[]; executors: object[]; capabilities: string[]; roles: string[] }
const recorded = (path: string): never => JSON.parse(recording(path).toString()) as never
const state: { frameworks: Framework[]; completed_frameworks: Framework[]; slaves: Json[] } = recorded('master/v0/state.json')
const same = (text: string, expected: unknown): void => expect(JSON.parse(text)).toEqual(expected)

test('tasks: what GET_TASKS shows of each, /state shows in the older shape (3-101)', () => {
  const tasks = (recorded('master/v1/GET_TASKS.json') as { get_tasks: { tasks: object[]; completed_tasks: object[] } }).get_tasks
  const older = [...state.frameworks, ...state.completed_frameworks].flatMap((it) => [...it.tasks, ...it.completed_tasks])
  const all = [...tasks.tasks, ...tasks.completed_tasks]
  expect(all.length).toBe(6)
  for (const it of all) {
    const task = fromJson(Task, JSON.stringify(it))
    // What a real Mesos hides of command tasks is the name that their executor has inside.
    const shown = older.find(({ id }) => id === task.taskId.value)!
    same(taskModel({ ...task, executorId: { value: shown.executor_id } }), shown)
  }
})

test('numbers have a point, and members the order of the recording', () => {
  expect(resourcesModel(parseResources('cpus:16;mem:16384;disk:20000;ports:[31000-32000]'))).toBe(
    '{"disk":20000.0,"mem":16384.0,"gpus":0.0,"cpus":16.0,"ports":"[31000-32000]"}',
  )
})

test('executors and capabilities', () => {
  const executors = recorded('master/v1/GET_EXECUTORS.json') as {
    get_executors: { executors: { executor_info: object; agent_id: { value: string } }[] }
  }
  const [only, ...others] = executors.get_executors.executors
  expect(others).toEqual([])
  same(
    executorModel(fromJson(ExecutorInfo, JSON.stringify(only!.executor_info)), only!.agent_id.value),
    state.frameworks[0]!.executors[0],
  )
  const frameworks = recorded('master/v1/GET_FRAMEWORKS.json') as { get_frameworks: { frameworks: { framework_info: object }[] } }
  const info = fromJson(FrameworkInfo, JSON.stringify(frameworks.get_frameworks.frameworks[0]!.framework_info))
  same(capabilitiesModel(info), state.frameworks[0]!.capabilities)
  same(`{"roles":${(roleMembers(info) as { roles: string }).roles}}`, { roles: state.frameworks[0]!.roles })
})

test('resources of an agent, by reservation and in full', () => {
  const agents = recorded('master/v1/GET_AGENTS.json') as { get_agents: { agents: { total_resources: object[] }[] } }
  const total = Resources.from(agents.get_agents.agents[0]!.total_resources.map((it) => fromJson(Resource, JSON.stringify(it))))
  const [slave] = state.slaves
  same(resourcesModel(total), slave!.resources)
  same(reservedModel(total), slave!.reserved_resources)
  const agent = recorded('agent/v0/state.json') as Json
  same(resourcesFull(total), agent.unreserved_resources_full)
  same(attributesModel(parseAttributes('rack:r1;zone:z')), slave!.attributes)
})

test('a reserved volume is shown in both forms (1-060)', () => {
  const volume: Resource = {
    name: 'disk',
    type: ValueType.SCALAR,
    scalar: { value: 64 },
    reservations: [{ type: ResourceReservationInfoType.DYNAMIC, role: 'r4' }],
    disk: { persistence: { id: 'v1' }, volume: { mode: 1, containerPath: 'data' } },
  }
  same(reservedModel(Resources.from([volume])), { r4: { disk: 64, mem: 0, gpus: 0, cpus: 0 } })
  same(reservedFull(Resources.from([volume])), {
    r4: [
      {
        name: 'disk',
        type: 'SCALAR',
        scalar: { value: 64 },
        role: 'r4',
        reservation: {},
        reservations: [{ type: 'DYNAMIC', role: 'r4' }],
        disk: { persistence: { id: 'v1' }, volume: { mode: 'RW', container_path: 'data' } },
      },
    ],
  })
})

test('revocable resources and custom names stand apart, roles are summed', () => {
  const mixed = parseResources('cpus:1;cpus(web):2;gold:3;colours:{b,a}').add(
    parseResources('[{"name":"cpus","type":"SCALAR","scalar":{"value":4},"revocable":{}}]'),
  )
  same(resourcesModel(mixed), { disk: 0, mem: 0, gpus: 0, cpus: 3, gold: 3, colours: '{a, b}', cpus_revocable: 4 })
})

test('a task that waits for its executor (executor-api)', () => {
  const task: TaskInfo = {
    name: 'e1',
    taskId: { value: 'e1' },
    agentId: { value: 'S0' },
    resources: [
      { name: 'cpus', type: ValueType.SCALAR, scalar: { value: 0.1 }, allocationInfo: { role: 'r1' } },
      { name: 'mem', type: ValueType.SCALAR, scalar: { value: 32 }, allocationInfo: { role: 'r1' } },
    ],
    executor: { executorId: { value: 'ex' } },
  }
  expect(queuedTaskModel(task)).toBe(
    '{"id":"e1","name":"e1","slave_id":"S0","resources":{"disk":0.0,"mem":32.0,"gpus":0.0,"cpus":0.1},"role":"r1","executor_id":"ex"}',
  )
})

test('no limit is written as text, and a name that looks like a number stays in its place', () => {
  const task: Task = {
    name: 't',
    taskId: { value: 't' },
    frameworkId: { value: 'f' },
    agentId: { value: 's' },
    state: 1,
    limits: { mem: { value: 64 }, cpus: { value: Number.POSITIVE_INFINITY } },
  }
  expect(taskModel(task)).toContain('"limits":{"mem":64.0,"cpus":"Infinity"}')
  expect(attributesModel(parseAttributes('z:a;1:b'))).toBe('{"z":"a","1":"b"}')
})
