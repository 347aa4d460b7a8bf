import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fault, strikeFaults } from '#base/fault.js'
import {
  type CgroupHierarchy,
  Cgroups,
  type DiskUsage,
  type DiskUsageRequest,
  DiskUsageRequest as DiskUsageRequestType,
  DiskUsage as DiskUsageType,
  type FoundContainer,
  FoundContainers,
  FoundContainer as FoundContainerType,
  Gpus,
  type HostEvent,
  LaunchPlan,
  type Namespaces,
  PerfEvents,
  type ProjectAnswer,
  ProjectAnswer as ProjectAnswerType,
  type ProjectRequest,
  ProjectRequest as ProjectRequestType,
  type Root,
  type Seccomp,
  type SeccompProfile,
  SeccompProfile as SeccompProfileType,
  Seccomp as SeccompType,
  UserRecord,
} from '#wire/native.js'

import { decode, encode } from '#wire/protobuf.js'
import { type NativeAssets, packagedAssets } from './addon.js'
import { type CgroupShare, claimCgroups } from './cgroup-share.js'
import { checkedContainerId } from './container-id.js'
import { HostErrors } from './errors.js'
import { type KernelFacts, readFacts } from './facts.js'
import type { CgroupPlan, Container, ContainerPlan, Host, HostFacts, HostUser, Recovered } from './host.js'
import { NativeCalls } from './native-calls.js'
import { RealContainer } from './real-container.js'
import { changesOf, discarded, ownerOf, volumesOf } from './scratch.js'

export interface RealHostOptions {
  /** Run state of every boot is below it. */
  runtimeDir: string
  /** On a disk: what containers change in their roots is below it. Unset: beside the run state, which often is in memory. */
  scratchDir?: string | undefined
  /** Path of all containers' cgroups below each hierarchy; orphans are sought there. */
  cgroupsRoot?: string
  /** Name of the scope of systemd in which supervisors, and on cgroup v2 containers, live. */
  scope?: string | undefined
  /** Where cgroups are, if not where they are found mounted. */
  cgroups?: HostFacts['cgroups'] | undefined
  /** The management library of GPUs; unset: no GPUs are looked for. */
  gpuLibrary?: string | undefined
  assets?: NativeAssets
}

/** A supervisor that says nothing for so long is stopped or stuck; it is taken as it is, and destroy ends it. */
const RECOVERY_PATIENCE_MS = 5_000
/** How long `destroy` lets a container end by itself after SIGKILL, so that its end is told truthfully, before its supervisor is ended too. */
const END_PATIENCE_MS = 10_000
const USER_IS_FRESH_MS = 5_000
const USERS_REMEMBERED = 1_000
/** Where faults may strike inside the launcher. */
const LAUNCHER_FAULTS = ['supervisor.', 'init.', 'task.']

/** The kernel of this machine, through the addon. */
export async function openRealHost(options: RealHostOptions): Promise<Host> {
  const assets = options.assets ?? packagedAssets()
  const found = await readFacts(options.runtimeDir, options.scratchDir, assets)
  for (const path of [found.runtimeDirectory, found.scratchDirectory]) await makeDirectory(path)
  const cgroups = options.cgroups ?? found.cgroups
  const share = found.root ? await claimCgroups(cgroups, options.scope, assets) : { cgroups, base: '', scope: undefined }
  const host = opened({ ...found, cgroups: share.cgroups }, options, share)
  if (options.gpuLibrary === undefined) return host
  return host.findGpus(options.gpuLibrary).catch(async (error) => {
    await host.close()
    throw error
  })
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 })
  } catch (error) {
    throw HostErrors.DIRECTORY_UNUSABLE({ path, why: (error as Error).message }, error)
  }
}

function opened(facts: KernelFacts, options: RealHostOptions, share: CgroupShare): RealHost {
  try {
    return new RealHost(facts, options, share)
  } catch (error) {
    share.scope?.close()
    throw error
  }
}

class RealHost implements Host {
  facts: HostFacts
  private readonly native: NativeCalls
  private readonly share: CgroupShare
  private readonly cgroupsRoot: string
  /** By controller. */
  private readonly hierarchyOf: ReadonlyMap<string, CgroupHierarchy>
  /** By all controllers of a container. */
  private readonly hierarchiesByControllers = new Map<string, readonly CgroupHierarchy[]>()
  private readonly containers = new Map<string, RealContainer>()
  private readonly byHandle = new Map<number, RealContainer>()
  /** Events of a container whose start has not been answered yet. */
  private readonly early = new Map<number, HostEvent[]>()
  /** Those found lately, as a directory service would cache them too: a burst of tasks asks for the same user again and again. */
  private readonly users = new Map<string, { user: HostUser; until: number }>()
  /** Ids that are being started. */
  private readonly starting = new Set<string>()

  constructor(facts: KernelFacts, options: RealHostOptions, share: CgroupShare) {
    this.share = share
    this.cgroupsRoot = join(share.base, options.cgroupsRoot ?? 'mesos')
    this.hierarchyOf = new Map(
      facts.cgroups.hierarchies.flatMap((one) => (one.controllers ?? []).map((name) => [name, one] as const)),
    )
    const assets = options.assets ?? packagedAssets()
    const supervisorEntrances = [...(share.scope?.entrances ?? [])]
    const config = { launcher: assets.launcher, runtimeDirectory: facts.runtimeDirectory, supervisorEntrances }
    this.native = new NativeCalls(config, assets, (event) => this.see(event))
    this.facts = { ...facts, overlay: facts.root && this.native.overlayWorks(facts.scratchDirectory) }
  }

  async findGpus(library: string): Promise<this> {
    const { gpus = [] } = decode(Gpus, await this.native.begin((native, operation) => native.listGpus(operation, library)))
    this.facts = { ...this.facts, gpus }
    return this
  }

  async start(plan: ContainerPlan): Promise<Container> {
    const id = checkedContainerId(plan.containerId)
    if (this.containers.has(id) || this.starting.has(id)) throw HostErrors.ALREADY_EXISTS({ id })
    if (!this.facts.root && (plan.namespaces || plan.cgroups))
      throw HostErrors.NOT_ROOT({ what: 'a container with namespaces or cgroups' })
    const cgroups = plan.cgroups && this.withHierarchies(plan.cgroups)
    const directory = join(this.facts.runtimeDirectory, id)
    const root = plan.root && this.withScratch(plan.root, id)
    const full: LaunchPlan = {
      ...plan,
      ...(root && { root }),
      cgroups,
      runtimeDirectory: directory,
      faults: strikeFaults(LAUNCHER_FAULTS),
    }
    fault('launch.before-spawn')
    this.starting.add(id)
    const started = await this.native.start(encode(LaunchPlan, full)).finally(() => this.starting.delete(id))
    const supervisor = { pid: started.pid, startTime: started.startTime, socket: join(directory, 'control.sock') }
    const container = this.keep(
      new RealContainer({ id, handle: started.handle, supervisor, cgroups, ids: idsOf(plan.namespaces) }, this.native),
    )
    fault('launch.after-spawn')
    return container
  }

  async recover(): Promise<Recovered> {
    // Nobody waits for it: containers must not be without an agent for as long as others' files take to be removed.
    const removal = this.removeDiscarded()
    const root = this.cgroupsOf('')
    const found = decode(
      FoundContainers,
      this.native.now((native) => native.find(root && encode(Cgroups, root))),
    )
    const all = found.containers ?? []
    const containers = all.filter((one) => one.record !== undefined).map((one) => this.attach(one))
    await Promise.all(containers.map(settledPhase))
    const leftovers = all.filter((one) => one.record === undefined).map((one) => one.containerId)
    // Two agents of one machine may share --cgroups_root: what lives there without a directory of ours is the other's.
    const orphans = (found.orphanCgroups ?? []).filter((id) => !this.hasProcesses(id))
    const scratches = await this.scratchesWithout(all.map((one) => one.containerId))
    return { containers, leftovers: [...new Set([...leftovers, ...orphans, ...scratches])], removal }
  }

  find(id: string): Container | undefined {
    return this.containers.get(id)
  }

  async destroy(id: string): Promise<void> {
    checkedContainerId(id)
    const container = this.containers.get(id)
    if (container && container.phase !== 'ended') {
      await container.kill()
      await within(container.ended, END_PATIENCE_MS)
    }
    const cgroups = container?.cgroups ?? this.cgroupsOf(id)
    const scratch = [...(this.hasScratch ? [changesOf(this.facts, id)] : []), volumesOf(this.facts, id)]
    const where = cgroups && encode(Cgroups, cgroups)
    await this.native.begin((native, operation) => native.destroy(operation, id, scratch, where))
    if (!container) return
    await container.ended
    this.native.release(container.handle)
    this.byHandle.delete(container.handle)
    if (this.containers.get(id) === container) this.containers.delete(id)
  }

  uncountable(events: readonly string[]): string[] {
    const names = encode(PerfEvents, { names: [...events] })
    return (
      decode(
        PerfEvents,
        this.native.now((native) => native.uncountable(names)),
      ).names ?? []
    )
  }

  isOpaque(directory: string): boolean {
    return this.native.isOpaque(directory)
  }

  async lookupUser(name: string): Promise<HostUser | undefined> {
    const known = this.users.get(name)
    if (known && performance.now() < known.until) return known.user
    this.users.delete(name)
    const user = await this.findUser(name)
    if (this.users.size >= USERS_REMEMBERED) this.users.clear()
    if (user) this.users.set(name, { user, until: performance.now() + USER_IS_FRESH_MS })
    return user
  }

  private async findUser(name: string): Promise<HostUser | undefined> {
    const bytes = await this.native.begin((native, operation) => native.lookUpUser(operation, name))
    if (bytes.length === 0) return undefined
    const user = decode(UserRecord, bytes)
    return { name: user.name, identity: user.identity, home: user.home || '/', shell: user.shell || '/bin/sh' }
  }

  async project(request: ProjectRequest): Promise<ProjectAnswer> {
    const encoded = encode(ProjectRequestType, request)
    return decode(ProjectAnswerType, await this.native.begin((native, operation) => native.project(operation, encoded)))
  }

  async measureDisk(request: DiskUsageRequest): Promise<DiskUsage> {
    const encoded = encode(DiskUsageRequestType, request)
    return decode(DiskUsageType, await this.native.begin((native, operation) => native.measureDisk(operation, encoded)))
  }

  compileSeccomp(profile: SeccompProfile): Seccomp {
    return decode(
      SeccompType,
      this.native.now((native) => native.compileSeccomp(encode(SeccompProfileType, profile))),
    )
  }

  async removeTree(path: string): Promise<void> {
    await this.native.begin((native, operation) => native.removeTree(operation, path))
  }

  async close(): Promise<void> {
    this.native.close()
    this.share.scope?.close()
  }

  private attach(found: FoundContainer): RealContainer {
    const bytes = this.native.now((native) => native.attach(encode(FoundContainerType, found)))
    const handle = Buffer.from(bytes).readUInt32LE(0)
    const record = found.record!
    const supervisor = { pid: record.pid, startTime: record.startTime, socket: join(found.directory, 'control.sock') }
    const parts = { id: found.containerId, handle, supervisor, cgroups: record.cgroups, ids: idsOf(record) }
    return this.keep(new RealContainer(parts, this.native))
  }

  private keep(container: RealContainer): RealContainer {
    this.containers.set(container.id, container)
    this.byHandle.set(container.handle, container)
    for (const event of this.early.get(container.handle) ?? []) this.see(event)
    this.early.delete(container.handle)
    if (this.starting.size === 0) this.early.clear()
    return container
  }

  private see(event: HostEvent): void {
    const container = this.byHandle.get(event.handle)
    if (!container) {
      // Of one that was released, nothing is wanted any more.
      if (this.starting.size > 0) this.early.set(event.handle, [...(this.early.get(event.handle) ?? []), event])
      return
    }
    container.see(event, () => this.settle(container))
  }

  private settle({ id, cgroups }: RealContainer): Promise<unknown> {
    const where = cgroups && encode(Cgroups, cgroups)
    return this.native.begin((native, operation) => native.settle(operation, id, where))
  }

  /** Else changes are beside the record, and go with it. */
  private get hasScratch(): boolean {
    return this.facts.scratchDirectory !== this.facts.runtimeDirectory
  }

  private withScratch(root: Root, id: string): Root {
    return this.hasScratch && (root.overlay || root.copy) ? { ...root, scratch: changesOf(this.facts, id) } : root
  }

  /** What an earlier agent has put aside and did not live to remove, and what is of another boot. One after the other, beside what is urgent. */
  private async removeDiscarded(): Promise<string[]> {
    const failures: string[] = []
    for (const path of await discarded(this.facts)) {
      await this.removeTree(path).catch((error) => failures.push(error.message))
      // What is not done by then is the next one's.
      if (this.native.closing.aborted) return []
    }
    return failures
  }

  /** Of containers that are gone altogether: of another boot, or ended because their agent died before *go*. */
  private async scratchesWithout(ids: readonly string[]): Promise<string[]> {
    if (!this.hasScratch) return []
    const known = new Set(ids)
    const names = (await readdir(this.facts.scratchDirectory)).filter((name) => !name.startsWith('.'))
    return [...new Set(names.map(ownerOf))].filter((id) => !known.has(id))
  }

  private withHierarchies(plan: CgroupPlan): Cgroups {
    const hierarchies = [...this.hierarchiesOf(plan.controllers)]
    const path = join(this.share.base, plan.path)
    return { ...plan, path, world: this.facts.cgroups.world, hierarchies, root: this.cgroupsRoot }
  }

  /** In the order of the host's; containers ask for the same again and again. */
  private hierarchiesOf(controllers: readonly string[]): readonly CgroupHierarchy[] {
    const key = controllers.join()
    const known = this.hierarchiesByControllers.get(key)
    if (known) return known
    const missing = controllers.filter((name) => !this.hierarchyOf.has(name))
    if (missing.length > 0) throw HostErrors.CONTROLLER_MISSING({ controllers: missing })
    const wanted = new Set(controllers.map((name) => this.hierarchyOf.get(name)))
    const found = this.facts.cgroups.hierarchies.filter((hierarchy) => wanted.has(hierarchy))
    this.hierarchiesByControllers.set(key, found)
    return found
  }

  private hasProcesses(id: string): boolean {
    return this.facts.cgroups.hierarchies.some(({ mountPoint, unified }) => {
      const directory = join(mountPoint, this.cgroupsRoot, id)
      // In the v2 tree they may be in cgroups below.
      if (unified) return textOf(join(directory, 'cgroup.events')).includes('populated 1')
      return textOf(join(directory, 'cgroup.procs')) !== ''
    })
  }

  /** Where a container's cgroups would be in every hierarchy; for an empty id, the root of all. */
  private cgroupsOf(id: string): Cgroups | undefined {
    const { world, hierarchies } = this.facts.cgroups
    if (!this.facts.root || hierarchies.length === 0) return undefined
    const controllers = hierarchies.flatMap((hierarchy) => hierarchy.controllers ?? [])
    const path = id === '' ? this.cgroupsRoot : `${this.cgroupsRoot}/${id}`
    return { path, controllers, world, hierarchies: [...hierarchies], root: this.cgroupsRoot }
  }
}

/** Those of a plan, or of what a supervisor recorded of it. */
function idsOf(mappings: Pick<Namespaces, 'uidMappings' | 'gidMappings'> | undefined): Container['ids'] {
  const { uidMappings: uid = [], gidMappings: gid = [] } = mappings ?? {}
  return uid.length > 0 ? { uid, gid } : undefined
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** What ran before a reboot runs no more; its directories mean nothing. */
/** A container that was found is running, has ended, or is about to vanish because nobody said *go*. */
async function settledPhase(container: RealContainer): Promise<void> {
  await within(Promise.race([container.ended, container.started.catch(() => {})]), RECOVERY_PATIENCE_MS)
}

async function within(what: Promise<unknown>, limit: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit)
  })
  await Promise.race([what, timeout])
  clearTimeout(timer)
}
