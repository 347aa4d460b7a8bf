import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callFault } from '#master/core/call-form.js'
import { AgentCall, AgentCallType } from '#wire/internal.js'
import { OfferOperation, TaskInfo } from '#wire/mesos.js'
import type { MessageType } from '#wire/message.js'
import { Call, CallType } from '#wire/scheduler.js'
import { arbitraryMessage } from '../../support/arbitrary-message.js'
import { Bench, brokenInvariant } from './bench.js'

const any = <T>(type: MessageType<T>) => arbitraryMessage(type.reflected) as unknown as fc.Arbitrary<T>

/** A cluster in which something is outstanding, and what a client may send to it. */
function busyCluster() {
  const bench = new Bench()
  const scheduler = bench.scheduler()
  const agent = bench.agent()
  scheduler.launch('t')
  bench.pass(1000)
  return { bench, scheduler, agent }
}

test('no call of a scheduler, however odd, is more than refused', () => {
  fc.assert(
    fc.property(any(Call), (call) => {
      const { bench, scheduler } = busyCluster()
      const ours: Call = { ...call, frameworkId: { value: scheduler.id } }
      if (callFault(ours) === undefined && ours.type !== CallType.SUBSCRIBE) scheduler.call(ours)
      expect(brokenInvariant(bench.cluster)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('no task, however odd, gets more than is offered', () => {
  fc.assert(
    fc.property(any(TaskInfo), fc.boolean(), (info, ours) => {
      const { bench, scheduler, agent } = busyCluster()
      scheduler.accept([scheduler.offers[0]!.id.value], [{ ...info, ...(ours && { agentId: { value: agent.id! } }) }])
      expect(brokenInvariant(bench.cluster)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('no operation, however odd, gets more than is offered', () => {
  fc.assert(
    fc.property(any(OfferOperation), (operation) => {
      const { bench, scheduler } = busyCluster()
      const offerIds = [scheduler.offers[0]!.id]
      scheduler.call({ type: CallType.ACCEPT, accept: { offerIds, operations: [operation] } })
      expect(brokenInvariant(bench.cluster)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('no call of an agent, however odd, upsets the books', () => {
  fc.assert(
    fc.property(any(AgentCall), (call) => {
      const { bench, agent } = busyCluster()
      agent.call(call)
      // What it reports of itself is the truth, even where it holds more than it has.
      if (call.type !== AgentCallType.SUBSCRIBE) expect(brokenInvariant(bench.cluster)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})
