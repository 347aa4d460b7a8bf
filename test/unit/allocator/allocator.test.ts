import { describe, expect, test } from 'vitest'
import { parseMinimum } from '#model/quantities.js'
import { resourcesText } from '#model/resource-text.js'
import { bag, capable, demand, TestCluster } from './cluster.js'

const machine = 'cpus:4;mem:1024;disk:1000;ports:[31000-31099]'

describe('offers', () => {
  test('all that is free of an agent goes to one framework, allocated to its role (4-062, 1-064)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    const [grant, ...others] = cluster.round()
    expect(others).toEqual([])
    expect(resourcesText(grant!.resources)).toBe(
      'cpus(allocated: web):4; mem(allocated: web):1024; disk(allocated: web):1000; ports(allocated: web):[31000-31099]',
    )
    expect(cluster.who()).toEqual([])
  })

  test('what comes back is offered again, also in a round over what was touched', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    cluster.round()
    cluster.decline()
    expect(cluster.round('touched')).toHaveLength(1)
    expect(cluster.round('touched')).toHaveLength(0)
  })

  test('agents are shared out among equals, and each gets as much in the end', () => {
    const cluster = new TestCluster()
    for (let i = 0; i < 12; i++) cluster.agent(`a${i}`, machine)
    for (const id of ['f1', 'f2', 'f3']) cluster.framework(id, 'web')
    const counts = new Map<string, number>()
    for (const { framework } of cluster.round()) counts.set(framework, (counts.get(framework) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ f1: 4, f2: 4, f3: 4 })
  })

  test('roles share before frameworks do (4-059)', () => {
    const cluster = new TestCluster()
    for (let i = 0; i < 12; i++) cluster.agent(`a${i}`, machine)
    for (const id of ['f1', 'f2', 'f3']) cluster.framework(id, 'crowd')
    cluster.framework('f4', 'alone')
    const got = cluster.round().filter((it) => it.framework === 'f4')
    expect(got).toHaveLength(6)
  })

  test('weights tilt shares (4-067)', () => {
    const cluster = new TestCluster()
    for (let i = 0; i < 12; i++) cluster.agent(`a${i}`, machine)
    cluster.framework('f1', 'light')
    cluster.framework('f2', 'heavy')
    cluster.allocator.setWeight('heavy', 3)
    expect(cluster.round().filter((it) => it.role === 'heavy')).toHaveLength(9)
  })

  test('a tree of roles shares level by level (4-046)', () => {
    const cluster = new TestCluster()
    for (let i = 0; i < 12; i++) cluster.agent(`a${i}`, machine)
    cluster.framework('f1', 'eng')
    cluster.framework('f2', 'eng/web')
    cluster.framework('f3', 'eng/db')
    cluster.framework('f4', 'ops')
    const counts: Record<string, number> = {}
    for (const { role } of cluster.round()) counts[role] = (counts[role] ?? 0) + 1
    expect(counts).toEqual({ ops: 6, eng: 2, 'eng/web': 2, 'eng/db': 2 })
  })

  test('whoever has least of what it uses most comes first', () => {
    const cluster = new TestCluster()
    cluster.framework('f1', 'web')
    cluster.framework('f2', 'web')
    cluster.agent('big', 'cpus:100;mem:10000')
    cluster.allocator.hold('f1', 'big', bag('cpus:10;mem:100').allocate('web'))
    cluster.allocator.hold('f2', 'big', bag('cpus:1;mem:2000').allocate('web'))
    expect(cluster.who()).toEqual(['f1/web@big'])
  })

  test('a resource excluded from fair sharing does not count (4-070)', () => {
    const cluster = new TestCluster({ excludedFromShares: ['mem'] })
    cluster.framework('f1', 'web')
    cluster.framework('f2', 'web')
    cluster.agent('big', 'cpus:100;mem:10000')
    cluster.allocator.hold('f1', 'big', bag('cpus:10;mem:100').allocate('web'))
    cluster.allocator.hold('f2', 'big', bag('cpus:1;mem:2000').allocate('web'))
    expect(cluster.who()).toEqual(['f2/web@big'])
  })
})

describe('refusals (1-067, 1-068)', () => {
  const two = (): TestCluster => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    return cluster
  }

  test('hide the same or less until they end', () => {
    const cluster = two()
    cluster.round()
    cluster.decline(10)
    cluster.pass(9)
    expect(cluster.who()).toEqual([])
    cluster.pass(1)
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })

  test('do not hide more than was refused', () => {
    const cluster = two()
    cluster.allocator.hold('f2', 'a1', bag('cpus:1').allocate('web'))
    cluster.round()
    cluster.decline(1000)
    expect(cluster.who()).toEqual([])
    cluster.allocator.recoverResources('f2', 'a1', bag('cpus:1').allocate('web'))
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })

  test('of 0 seconds are none; negative and not-a-number mean 5; nothing lasts above a year', () => {
    const cluster = two()
    const gone = (seconds: number): number => {
      cluster.round()
      cluster.decline(seconds)
      const before = cluster.now
      for (const wait of [0, 1, 4, 364 * 86400, 86400]) {
        cluster.pass(wait)
        if (cluster.round().length > 0) break
      }
      cluster.decline()
      return (cluster.now - before) / 1000
    }
    expect(gone(0)).toBe(0)
    expect(gone(0.001)).toBe(1)
    expect(gone(-1)).toBe(5)
    expect(gone(Number.NaN)).toBe(5)
    expect(gone(1e12)).toBe(365 * 86400 + 5)
  })

  test.each<[string, (cluster: TestCluster) => void]>([
    ['revive', (it) => it.allocator.revive('f1')],
    ['revive of the role', (it) => it.allocator.revive('f1', ['web'])],
    ['new attributes', (it) => it.allocator.updateAgent('a1', { info: { hostname: 'a1' }, total: bag(machine) })],
    [
      'a scheduler that fails over',
      ({ allocator }) => {
        allocator.deactivateFramework('f1')
        allocator.activateFramework('f1')
      },
    ],
    [
      'leaving and joining the role',
      ({ allocator }) => {
        allocator.updateFramework('f1', demand('x'))
        allocator.updateFramework('f1', demand('web'))
      },
    ],
  ])('end with %s', (_, act) => {
    const cluster = two()
    cluster.round()
    cluster.decline(1000)
    expect(cluster.who()).toEqual([])
    act(cluster)
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })

  test('are of one role, and of one framework', () => {
    const cluster = two()
    cluster.framework('f2', 'db')
    cluster.allocator.updateFramework('f1', demand('web', 'db'))
    const seen = new Set<string>()
    for (let i = 0; i < 3; i++) {
      for (const it of cluster.who()) seen.add(it)
      cluster.decline(1000)
    }
    expect([...seen].sort()).toEqual(['f1/db@a1', 'f1/web@a1', 'f2/db@a1'])
    expect(cluster.who()).toEqual([])
    expect(Object.fromEntries(cluster.allocator.activeRefusals(cluster.now))).toEqual({ web: 1, db: 2 })
  })

  test('of one framework do not pass to another that takes its place in memory', () => {
    const cluster = two()
    cluster.round()
    cluster.decline(1000)
    cluster.allocator.removeFramework('f1')
    cluster.framework('f2', 'web')
    expect(cluster.who()).toEqual(['f2/web@a1'])
  })
})

describe('who gets nothing', () => {
  test('suppressed roles, until they are revived (1-025)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web', 'db')
    cluster.allocator.suppress('f1', ['web'])
    expect(cluster.who()).toEqual(['f1/db@a1'])
    cluster.decline()
    cluster.allocator.suppress('f1')
    expect(cluster.who()).toEqual([])
    cluster.allocator.revive('f1', ['web'])
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })

  test('inactive frameworks and agents (4-073)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    cluster.allocator.deactivateFramework('f1')
    expect(cluster.who()).toEqual([])
    cluster.allocator.activateFramework('f1')
    cluster.allocator.deactivateAgent('a1')
    expect(cluster.who()).toEqual([])
    cluster.allocator.activateAgent('a1')
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })

  test('frameworks without GPU_RESOURCES where there are GPUs, unless told otherwise (1-056, 4-069)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', `${machine};gpus:1`)
    cluster.framework('f1', 'web')
    expect(cluster.who()).toEqual([])
    cluster.allocator.updateFramework('f1', { ...demand('web'), capabilities: { ...capable, gpuResources: true } })
    expect(cluster.who()).toEqual(['f1/web@a1'])
    const open = new TestCluster({ filterGpus: false })
    open.agent('a1', `${machine};gpus:1`)
    open.framework('f1', 'web')
    expect(open.who()).toEqual(['f1/web@a1'])
  })

  test('frameworks without REGION_AWARE in other regions (1-061)', () => {
    const cluster = new TestCluster({ region: 'here' })
    const at = (name: string) => ({ domain: { faultDomain: { region: { name }, zone: { name: 'z' } } } })
    cluster.agent('near', machine, at('here'))
    cluster.agent('far', machine, at('there'))
    cluster.framework('f1', 'web')
    expect(cluster.who()).toEqual(['f1/web@near'])
    cluster.allocator.updateFramework('f1', { ...demand('web'), capabilities: { ...capable, regionAware: true } })
    expect(cluster.who()).toEqual(['f1/web@far'])
  })

  test('anybody, where less than the minimum is left (1-071); a role may set its own (1-072)', () => {
    const cluster = new TestCluster()
    cluster.agent('crumbs', 'cpus:0.009;mem:31.999;disk:1000')
    cluster.framework('f1', 'web')
    expect(cluster.who()).toEqual([])
    cluster.allocator.updateFramework('f1', { ...demand('web'), minimum: new Map([['web', []]]) })
    expect(cluster.who()).toEqual(['f1/web@crumbs'])
    cluster.decline()
    cluster.allocator.updateFramework('f1', { ...demand('web'), minimum: new Map([['web', parseMinimum('cpus:1')]]) })
    expect(cluster.who()).toEqual([])
  })

  test('a framework whose constraints an agent does not meet (1-073)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.agent('a2', machine)
    cluster.allocator.addFramework('f1', { ...demand('web'), wants: new Map([['web', (it) => it.hostname === 'a2']]) })
    expect(cluster.who()).toEqual(['f1/web@a2'])
  })
})

describe('reservations', () => {
  test('go to the role and below it only; the rest to anybody (4-047)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', 'cpus(eng):2;mem(eng):64;cpus:1;mem:128')
    cluster.framework('f1', 'ops')
    cluster.framework('f2', 'eng/web')
    cluster.round()
    const all = cluster.held.map((it) => `${it.role} ${resourcesText(it.resources.unallocate())}`).join(' | ')
    expect(all).toContain('cpus(reservations: [(STATIC,eng)]):2')
    for (const { role, resources } of cluster.held) if (role === 'ops') expect(resources.reserved().isEmpty).toBe(true)
  })

  test('made by an operation change total and holding alike, and nothing else (1-080)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', 'cpus:4;mem:1024')
    cluster.framework('f1', 'web')
    cluster.round()
    cluster.allocator.convert('f1', 'a1', bag('cpus:1').allocate('web'), bag('cpus(web):1').allocate('web'))
    cluster.allocator.recoverResources('f1', 'a1', bag('cpus:3;mem:1024;cpus(web):1').allocate('web'))
    expect(cluster.allocator.free('a1')!.equals(bag('cpus:3;mem:1024;cpus(web):1'))).toBe(true)
  })

  test('refined ones are hidden from who does not know of them (1-060)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', '[]')
    const refined = bag(
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}]',
    )
    cluster.allocator.updateAgent('a1', { info: { hostname: 'a1' }, total: refined })
    cluster.allocator.addFramework('f1', { ...demand('a/b'), capabilities: { ...capable, reservationRefinement: false } })
    expect(cluster.who()).toEqual([])
    cluster.allocator.updateFramework('f1', demand('a/b'))
    expect(cluster.who()).toEqual(['f1/a/b@a1'])
  })

  test('revocable resources only to who asked for them (1-054)', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"revocable":{}}]')
    cluster.framework('f1', 'web')
    expect(cluster.who()).toEqual([])
    cluster.allocator.updateFramework('f1', { ...demand('web'), capabilities: { ...capable, revocableResources: true } })
    expect(cluster.who()).toEqual(['f1/web@a1'])
  })
})

describe('what is held', () => {
  test('cannot come back twice', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    const [grant] = cluster.round()
    for (let i = 0; i < 3; i++) cluster.allocator.recoverResources('f1', 'a1', grant!.resources)
    expect(cluster.allocator.free('a1')!.equals(bag(machine))).toBe(true)
    expect(cluster.allocator.held.size).toBe(0)
  })

  test('by a framework that is not back yet is not free, and its shares count when it is', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', 'cpus:4;mem:100')
    cluster.allocator.updateAllocation('a1', [['f1', bag('cpus:3').allocate('web')]])
    cluster.framework('f2', 'web')
    const [grant] = cluster.round()
    expect(grant!.resources.quantity('cpus')).toBe(1)
    cluster.decline()
    cluster.framework('f1', 'web')
    expect(cluster.who()).toEqual(['f2/web@a1'])
  })

  test('is free again when the framework is removed, and gone when the agent is', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.agent('a2', machine)
    cluster.framework('f1', 'web')
    cluster.round()
    cluster.allocator.removeAgent('a2')
    cluster.allocator.removeFramework('f1')
    expect(cluster.allocator.held.size).toBe(0)
    expect(cluster.allocator.totals.get('cpus')).toBe(4000)
    cluster.framework('f2', 'web')
    expect(cluster.who()).toEqual(['f2/web@a1'])
  })

  test('in a role that was left stays held until it comes back', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', machine)
    cluster.framework('f1', 'web')
    const [grant] = cluster.round()
    cluster.allocator.updateFramework('f1', demand('db'))
    expect(cluster.who()).toEqual([])
    cluster.allocator.recoverResources('f1', 'a1', grant!.resources)
    expect(cluster.who()).toEqual(['f1/db@a1'])
  })

  test('beyond a total that shrank leaves nothing free, and no debt once it comes back', () => {
    const cluster = new TestCluster()
    cluster.agent('a1', 'cpus:4;mem:1024')
    cluster.framework('f1', 'web')
    const [grant] = cluster.round()
    cluster.allocator.updateAgent('a1', { info: { hostname: 'a1' }, total: bag('cpus:1;mem:1024') })
    expect(cluster.allocator.free('a1')!.isEmpty).toBe(true)
    cluster.allocator.recoverResources('f1', 'a1', grant!.resources)
    expect(cluster.allocator.free('a1')!.equals(bag('cpus:1;mem:1024'))).toBe(true)
  })
})

test('the share of a role is what metrics show (4-124)', () => {
  const cluster = new TestCluster()
  cluster.agent('a1', 'cpus:4;mem:1000')
  cluster.framework('f1', 'a/b')
  cluster.allocator.hold('f1', 'a1', bag('cpus:1;mem:500').allocate('a/b'))
  expect(Object.fromEntries(cluster.allocator.dominantShares())).toEqual({ 'a/b': 0.5 })
})
