import { expect, test } from 'vitest'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import type { Effect } from '#master/core/effects.js'
import type { Event } from '#master/core/events.js'
import type { MasterCore } from '#master/core/step.js'
import { Registrar } from '#master/registrar.js'
import { MasterRunner } from '#master/runner.js'
import { MemoryStore } from '#store/memory.js'
import { AgentCallType } from '#wire/internal.js'
import { EventType } from '#wire/master.js'

/** A runner whose core decides this of every call. */
function runner(decide: (request: number) => Effect[]): MasterRunner {
  const metrics = new Metrics()
  const step = (event: Event): Effect[] => ('request' in event ? decide(event.request) : [])
  const core = { cluster: { recovered: true }, step } as unknown as MasterCore
  const registrar = new Registrar({ store: new MemoryStore(), metrics, log: silentLog })
  return new MasterRunner({ core, registrar, clock: systemClock, log: silentLog, metrics, maxWatchers: 10 })
}

const call = (of: MasterRunner) => of.agentCall({ type: AgentCallType.UPDATE }, undefined, 'application/x-protobuf')

/** Fields that every message of its kind must have are missing. */
const unwritable = { do: 'persist', change: { change: 'complete-framework', framework: {} } } as unknown as Effect
const unpublishable = { do: 'publish', event: { type: EventType.TASK_ADDED, taskAdded: {} } } as unknown as Effect

test('an effect that fails costs that effect: what was decided with it is done', async () => {
  const one = runner((request) => [unpublishable, { do: 'answer', request, status: 202 }])
  one.watch('application/x-protobuf', { type: EventType.HEARTBEAT })
  expect(await call(one)).toMatchObject({ status: 202 })
  one.close()
})

test('who waits for a record that cannot be written is told', async () => {
  const one = runner(() => [unwritable])
  expect(await call(one)).toMatchObject({ status: 500 })
  one.close()
})
