import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Grant } from '#master/allocator/contract.js'
import type { Resources } from '#model/resources.js'
import { bag, demand, TestCluster } from './cluster.js'

const agents = ['a0', 'a1', 'a2', 'a3']
const frameworks = ['f0', 'f1', 'f2']
const roles = ['web', 'db', 'db/shard', 'db/shard/x']
const machines = [
  'cpus:4;mem:1024;ports:[1-10]',
  'cpus:1;mem:64;disk:100',
  'cpus:8;mem:256;cpus(db):2;mem(db):64',
  'cpus:2;mem:128;cpus(web):1;mem(web):32;ports:[5-6]',
]

type Act =
  | { do: 'round'; scope: 'all' | 'touched' }
  | { do: 'decline' | 'use' | 'end'; which: number; seconds: number }
  | { do: 'agent' | 'framework'; which: number; how: number }
  | { do: 'wait'; seconds: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('round' as const), scope: fc.constantFrom('all' as const, 'touched' as const) }),
  fc.record({
    do: fc.constantFrom('decline' as const, 'use' as const, 'end' as const),
    which: fc.nat(),
    seconds: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({ do: fc.constantFrom('agent' as const, 'framework' as const), which: fc.nat(3), how: fc.nat(6) }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 10 }) }),
)

/** Plays acts on the allocator, and keeps its own books of who holds what where. */
class Play extends TestCluster {
  readonly totals = new Map<string, Resources>()
  readonly joined = new Map<string, string[]>()

  perform(it: Act): void {
    switch (it.do) {
      case 'round':
        this.round(it.scope)
        return
      case 'wait':
        return this.pass(it.seconds)
      case 'agent':
        return this.changeAgent(agents[it.which % agents.length]!, it.how)
      case 'framework':
        return this.changeFramework(frameworks[it.which % frameworks.length]!, it.how)
      default:
        return this.giveBack(it)
    }
  }

  private changeAgent(id: string, how: number): void {
    if (!this.totals.has(id)) {
      const machine = machines[how % machines.length]!
      this.agent(id, machine)
      this.totals.set(id, bag(machine))
    } else if (how === 0) {
      this.allocator.removeAgent(id)
      this.totals.delete(id)
      this.held = this.held.filter(({ agent }) => agent !== id)
    } else if (how === 1) this.allocator.deactivateAgent(id)
    else this.allocator.activateAgent(id)
  }

  private changeFramework(id: string, how: number): void {
    const mine = roles.filter((_, i) => (how + 1) & (1 << i))
    if (!this.joined.has(id)) this.allocator.addFramework(id, demand(...mine))
    else if (how === 0) {
      this.allocator.removeFramework(id)
      this.joined.delete(id)
      this.held = this.held.filter(({ framework }) => framework !== id)
      return
    } else if (how === 1) return this.allocator.deactivateFramework(id)
    else if (how === 2) return this.allocator.activateFramework(id)
    else if (how === 3) return this.allocator.revive(id)
    else if (how === 4) return this.allocator.suppress(id, mine.slice(0, 1))
    else this.allocator.updateFramework(id, demand(...mine))
    this.joined.set(id, mine)
  }

  /** All of a grant, or all but a little that goes on being used. */
  private giveBack({ do: how, which, seconds }: Extract<Act, { do: 'decline' | 'use' | 'end' }>): void {
    if (this.held.length === 0) return
    const [grant] = this.held.splice(which % this.held.length, 1)
    const used = how === 'use' ? bag('cpus:0.5;mem:16').allocate(grant!.role) : bag('')
    const kept = grant!.resources.contains(used) ? used : bag('')
    const refusal = how === 'end' ? undefined : { filters: { refuseSeconds: seconds }, now: this.now }
    this.allocator.recoverResources(grant!.framework, grant!.agent, grant!.resources.subtract(kept), refusal)
    if (!kept.isEmpty) this.held.push({ ...grant!, resources: kept })
  }

  check(): void {
    for (const [id, total] of this.totals) {
      const used = this.held.filter(({ agent }) => agent === id).map(({ resources }) => resources.unallocate())
      const sum = used.reduce((all, it) => all.add(it), bag(''))
      // Not only the sums: no port may be given twice.
      expect(sum.quantity('ports')).toBe(used.reduce((all, it) => all + it.quantity('ports'), 0))
      expect(total.contains(sum)).toBe(true)
      expect(this.allocator.free(id)!.equals(total.subtract(sum))).toBe(true)
    }
    for (const name of ['cpus', 'mem', 'disk', 'ports']) {
      const held = this.held.reduce((all, it) => all + it.resources.quantity(name), 0)
      expect((this.allocator.held.get(name) ?? 0) / 1000).toBeCloseTo(held, 6)
      const total = [...this.totals.values()].reduce((all, it) => all + it.quantity(name), 0)
      expect((this.allocator.totals.get(name) ?? 0) / 1000).toBeCloseTo(total, 6)
    }
  }
}

test('whatever happens, nothing is given twice and nothing is forgotten', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.nat(), (acts, seed) => {
      const play = new Play({}, seed)
      for (const it of acts) {
        play.perform(it)
        play.check()
      }
    }),
    { numRuns: 400 },
  )
})

test('a run with the same seed gives the same grants', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.nat(), (acts, seed) => {
      const grants = (): string[] => {
        const play = new Play({}, seed)
        for (const it of acts) play.perform(it)
        return play.held.map((it) => `${it.framework} ${it.role} ${it.agent}`)
      }
      expect(grants()).toEqual(grants())
    }),
    { numRuns: 50 },
  )
})

test('a round leaves nothing that somebody waits for', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.nat(), (acts, seed) => {
      const play = new Play({}, seed)
      for (const it of acts) play.perform(it)
      play.round()
      const again = play.round()
      expect(again).toEqual([])
    }),
    { numRuns: 200 },
  )
})

/** Dominant resource fairness as the paper has it, for one agent after the other and everything recomputed: the slow truth. */
function naive(
  order: readonly string[],
  totals: ReadonlyMap<string, Resources>,
  members: ReadonlyMap<string, string>,
): Map<string, number> {
  const sum = (of: Iterable<Resources>, name: string): number => [...of].reduce((all, it) => all + it.quantity(name), 0)
  const got = new Map<string, Resources[]>([...members.keys()].map((id) => [id, []]))
  const share = (bags: readonly Resources[]): number =>
    Math.max(
      ...['cpus', 'mem', 'disk', 'ports'].map(
        (name) => sum(bags, name) / (sum(totals.values(), name) || Number.POSITIVE_INFINITY),
      ),
    )
  const wins = new Map<string, number>()
  const best = <T>(items: readonly T[], of: (it: T) => [share: number, grants: number, name: string]): T =>
    items.reduce((a, b) => (compare(of(b), of(a)) < 0 ? b : a))
  for (const agent of order) {
    const all = [...new Set(members.values())]
    const ids = (role: string): string[] => [...members].filter(([, its]) => its === role).map(([id]) => id)
    const count = (id: string): number => wins.get(id) ?? 0
    const role = best(all, (it) => [
      share(ids(it).flatMap((id) => got.get(id)!)),
      ids(it).reduce((n, id) => n + count(id), 0),
      it,
    ])
    const winner = best(ids(role), (it) => [share(got.get(it)!), count(it), it])
    got.get(winner)!.push(totals.get(agent)!)
    wins.set(winner, count(winner) + 1)
  }
  return wins
}

function compare(a: readonly [number, number, string], b: readonly [number, number, string]): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0)
}

describe('fairness', () => {
  test('the same decisions as a naive allocator that recomputes all shares at every step', () => {
    const machine = fc
      .record({
        cpus: fc.integer({ min: 1, max: 64 }),
        mem: fc.integer({ min: 32, max: 4096 }),
        ports: fc.integer({ min: 1, max: 50 }),
      })
      .map(({ cpus, mem, ports }) => `cpus:${cpus};mem:${mem};ports:[1-${ports}]`)
    fc.assert(
      fc.property(
        fc.array(machine, { minLength: 1, maxLength: 30 }),
        fc.array(fc.constantFrom('r1', 'r2', 'r3'), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (all, memberOf, seed) => {
          const cluster = new TestCluster({}, seed)
          for (const [i, text] of all.entries()) cluster.agent(`a${i}`, text)
          for (const [i, role] of memberOf.entries()) cluster.framework(`f${i}`, role)
          const grants: Grant[] = cluster.round()
          const totals = new Map(all.map((text, i) => [`a${i}`, bag(text)]))
          const members = new Map(memberOf.map((role, i) => [`f${i}`, role]))
          const expected = naive(
            grants.map(({ agent }) => agent),
            totals,
            members,
          )
          const counts = new Map<string, number>()
          for (const { framework } of grants) counts.set(framework, (counts.get(framework) ?? 0) + 1)
          expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(expected))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('nobody starves: with one agent and many who use it briefly, each gets its turn', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', 'cpus:4;mem:1024')
    const ids = Array.from({ length: 20 }, (_, i) => `f${i}`)
    for (const id of ids) cluster.framework(id, 'web')
    const turns = new Map<string, number>()
    for (let i = 0; i < ids.length * 5; i++) {
      for (const { framework } of cluster.round()) turns.set(framework, (turns.get(framework) ?? 0) + 1)
      cluster.decline(0)
    }
    expect([...turns.values()]).toEqual(ids.map(() => 5))
  })
})
