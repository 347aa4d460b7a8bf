import { rm } from 'node:fs/promises'
import type { Clock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import { CgroupWorld, type DiskUsage, type ProjectAnswer, type Seccomp, type SeccompProfile } from '#wire/native.js'
import { checkedContainerId } from './container-id.js'
import { HostErrors } from './errors.js'
import type { Container, ContainerPlan, Host, HostFacts, HostUser, Recovered } from './host.js'
import { type Behaviour, commandBehaviour } from './sim-behaviour.js'
import { SimContainer, SimSupervisor } from './sim-container.js'

export interface SimMachineOptions {
  clock: Clock
  facts?: Partial<HostFacts>
  /** What each task does; by default read off its command. */
  behave?: (plan: ContainerPlan) => Behaviour
  users?: readonly HostUser[]
}

const root: HostUser = { name: 'root', identity: { uid: 0, gid: 0, groups: [0] }, home: '/root', shell: '/bin/sh' }

/**
 * A machine without a kernel, in virtual time. Supervisors belong to the machine, not to the agent: `crash` ends an agent between two
 * instructions, `open` is the next one's view, and what had no *go* is gone by then.
 */
export class SimMachine {
  readonly supervisors = new Map<string, SimSupervisor>()
  readonly clock: Clock
  private readonly options: SimMachineOptions
  private current: SimHost | undefined
  private nextPid = 1000
  private boots = 0

  constructor(options: SimMachineOptions) {
    this.options = options
    this.clock = options.clock
  }

  /** The view of a newly started agent; the one before, if there is one, is taken to have crashed. */
  open(): Host {
    this.crash()
    this.current = new SimHost(this, this.facts())
    return this.current
  }

  /** The agent dies. What waits for *go* cleans up and leaves; what runs, runs on. */
  crash(): void {
    this.current?.detach()
    this.current = undefined
    for (const supervisor of this.supervisors.values()) {
      supervisor.watcher = undefined
      supervisor.relay?.hangUp()
      if (!supervisor.went) this.supervisors.delete(supervisor.id)
    }
  }

  /** Everything that runs is gone, and the next agent sees another boot id. */
  reboot(): void {
    this.crash()
    for (const supervisor of this.supervisors.values()) supervisor.lose('the host was rebooted')
    this.supervisors.clear()
    this.boots++
  }

  /** Kills the supervisor of one container, as an operator's `kill -9` would. */
  killSupervisor(id: string): void {
    const supervisor = this.supervisors.get(id)
    supervisor?.lose(`the supervisor of container ${id} (pid ${supervisor.identity.pid}) was killed`)
  }

  start(plan: ContainerPlan, facts: HostFacts): SimSupervisor {
    const pid = this.nextPid
    this.nextPid += 3
    const socket = `${facts.runtimeDirectory}/${plan.containerId}/control.sock`
    const identity = { pid, startTime: BigInt(Math.floor(this.clock.now())), socket }
    const behaviour = (this.options.behave ?? commandBehaviour)(plan)
    const supervisor = new SimSupervisor(plan, identity, behaviour, this.clock)
    this.supervisors.set(plan.containerId, supervisor)
    return supervisor
  }

  user(name: string): HostUser | undefined {
    return [root, ...(this.options.users ?? [])].find((user) => user.name === name || String(user.identity.uid) === name)
  }

  private facts(): HostFacts {
    const bootId = `00000000-0000-4000-8000-${String(this.boots).padStart(12, '0')}`
    const controllers = ['cpu', 'cpuacct', 'memory', 'pids', 'freezer']
    return {
      bootId,
      hostname: 'simulated',
      cpus: 4,
      memoryBytes: 8 * 2 ** 30,
      root: true,
      cgroups: { world: CgroupWorld.CGROUP_V1, hierarchies: [{ mountPoint: '/sys/fs/cgroup', controllers }] },
      limitsSwap: true,
      runtimeDirectory: `/run/meseta/${bootId}`,
      scratchDirectory: '/var/lib/meseta/scratch',
      user: 'root',
      overlay: true,
      security: { capabilities: (1n << 41n) - 1n, seccomp: true, kernel: '6.1.0', architecture: 'x64' },
      ...this.options.facts,
    }
  }
}

class SimHost implements Host {
  readonly facts: HostFacts
  private readonly machine: SimMachine
  private readonly containers = new Map<string, SimContainer>()
  private open = true

  constructor(machine: SimMachine, facts: HostFacts) {
    this.machine = machine
    this.facts = facts
  }

  async start(plan: ContainerPlan): Promise<Container> {
    this.checkOpen()
    const id = checkedContainerId(plan.containerId)
    if (this.machine.supervisors.has(id)) throw HostErrors.ALREADY_EXISTS({ id })
    const known = this.facts.cgroups.hierarchies.flatMap((hierarchy) => hierarchy.controllers ?? [])
    const missing = (plan.cgroups?.controllers ?? []).filter((name) => !known.includes(name))
    if (missing.length > 0) throw HostErrors.CONTROLLER_MISSING({ controllers: missing })
    fault('launch.before-spawn')
    const container = this.hold(this.machine.start(plan, this.facts))
    fault('launch.after-spawn')
    return container
  }

  async recover(): Promise<Recovered> {
    this.checkOpen()
    const unheld = [...this.machine.supervisors.values()].filter((supervisor) => !this.containers.has(supervisor.id))
    return { containers: unheld.map((supervisor) => this.hold(supervisor)), leftovers: [], removal: Promise.resolve([]) }
  }

  find(id: string): Container | undefined {
    return this.containers.get(id)
  }

  async destroy(id: string): Promise<void> {
    this.checkOpen()
    checkedContainerId(id)
    this.machine.supervisors.get(id)?.kill()
    this.machine.supervisors.delete(id)
    this.containers.delete(id)
  }

  uncountable(): string[] {
    return []
  }

  isOpaque(): boolean {
    return false
  }

  async lookupUser(name: string): Promise<HostUser | undefined> {
    this.checkOpen()
    return this.machine.user(name)
  }

  /** Simulated disks have no accounts. */
  async project(): Promise<ProjectAnswer> {
    throw HostErrors.OPERATION_FAILED({ sentence: 'could not use project quotas: the machine is simulated' })
  }

  /** Simulated tasks write nothing. */
  async measureDisk(): Promise<DiskUsage> {
    this.checkOpen()
    return { bytes: 0n, entries: 0n }
  }

  /** Nothing is filtered here; that a profile was compiled is all there is to see. */
  compileSeccomp(_: SeccompProfile): Seccomp {
    return { program: new Uint8Array(8), flags: 0 }
  }

  /** Agents over this host keep their files on the real one. */
  async removeTree(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    if (this.open) this.machine.crash()
  }

  /** From now on nothing that this agent's code still does has an effect: it is dead. */
  detach(): void {
    this.open = false
  }

  private hold(supervisor: SimSupervisor): SimContainer {
    const container = new SimContainer(supervisor, this.machine.clock, () => this.open)
    this.containers.set(supervisor.id, container)
    return container
  }

  private checkOpen(): void {
    if (!this.open) throw HostErrors.CLOSED({})
  }
}
