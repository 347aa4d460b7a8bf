import { checkedContainerId } from '#host/container-id.js'
import type { AttachedInput, AttachedOutput, Container, Host, SignalTarget } from '#host/host.js'
import type { ContainerStatus, ResourceStatistics } from '#wire/mesos.js'
import type { CgroupSettings, WindowSize } from '#wire/native.js'
import { type CloneContext, imageOf, isolatorsOf, launchPlan, prepareContainer } from './clone.js'
import { ContainerRun } from './container-run.js'
import type {
  ClonedContainer,
  ContainerConfig,
  Containerizer,
  ContainerizerFacts,
  LaunchedTask,
  RecoveredContainers,
  Termination,
} from './containerizer.js'
import { ContainerizerErrors, launchFailed } from './errors.js'
import { fetcherOf } from './fetcher/create.js'
import type { Fetcher } from './fetcher/fetcher.js'
import { type Files, hostFiles } from './files.js'
import type { ContainerizerFlags } from './flags.js'
import type { IdMappings } from './id-ranges.js'
import { bringWith, heldBy } from './images/bring.js'
import type { ImageStore } from './images/image-store.js'
import { stopSignal } from './images/stop-signal.js'
import { chooseIsolation } from './isolation.js'
import type { Isolator, IsolatorModule, PreparedContainer } from './isolator.js'
import { mergeFragments } from './launch-plan.js'
import { chooseLauncher } from './launcher.js'
import { checkNestedId, containerId, depthOf, sharesCgroups } from './nesting.js'
import { type ContainerResources, containerResources } from './resources.js'
import { chooseRootBackend } from './root-backend.js'
import { failedLaunch, LOST } from './termination.js'
import type { TransferGroup } from './transfers.js'

export interface MesosContainerizerOptions {
  readonly host: Host
  readonly flags: ContainerizerFlags
  readonly files?: Files
  readonly fetcher?: Fetcher
  readonly images?: ImageStore | undefined
  /** Isolators of the user, beside those built in. */
  readonly modules?: readonly IsolatorModule[]
}

/** Throws when launcher or isolation cannot be had on this host. */
export function createMesosContainerizer(options: MesosContainerizerOptions): Containerizer {
  const { host, flags, files = hostFiles, modules: own = [] } = options
  const fetcher = options.fetcher ?? fetcherOf(flags)
  const { launcher, missing } = chooseLauncher(flags.launcher, host.facts)
  const isolation = chooseIsolation(flags.isolation, launcher, host.facts, own, flags.taskSecurity === 'strict')
  const isolators = isolation.modules.map((module) => [module.name, module.create({ host, files, flags })] as const)
  // Only the linux launcher gives containers roots of their own.
  const rootsMissing = launcher === 'linux' ? chooseRootBackend(flags.imageProvisionerBackend, host.facts).missing : []
  const facts = {
    launcher,
    isolation: isolators.map(([name]) => name),
    missing: [...missing, ...isolation.missing, ...rootsMissing],
  }
  return new MesosContainerizer({ host, files, flags, launcher, isolators }, fetcher, facts, options.images)
}

class MesosContainerizer implements Containerizer {
  readonly facts: ContainerizerFacts
  readonly images: ImageStore | undefined
  readonly #context: CloneContext
  readonly #fetcher: Fetcher
  readonly #isolators: readonly Isolator[]
  readonly #runs = new Map<string, ContainerRun>()

  constructor(context: CloneContext, fetcher: Fetcher, facts: ContainerizerFacts, images: ImageStore | undefined) {
    this.#context = context
    this.#fetcher = fetcher
    this.#isolators = context.isolators.map(([, isolator]) => isolator)
    this.facts = facts
    this.images = images
  }

  async clone(config: ContainerConfig): Promise<ClonedContainer> {
    if (this.#runs.has(config.id)) throw launchFailed(ContainerizerErrors.ALREADY_EXISTS({ id: config.id }))
    // Before anything is kept under it: of what has no possible name nothing could be removed again (S11).
    refuseImpossibleId(config)
    const run = new ContainerRun(config)
    this.#runs.set(config.id, run)
    const cloning = this.#cloneOrRemove(run, config)
    run.cloning = cloning.catch(() => undefined)
    return cloning
  }

  async #cloneOrRemove(run: ContainerRun, config: ContainerConfig): Promise<ClonedContainer> {
    try {
      return await this.#clone(run, config)
    } catch (error) {
      await this.#remove(run).catch(() => undefined) // the first error says more; what is left is destroyed at the next recovery
      run.end(failedLaunch(error))
      throw launchFailed(error)
    }
  }

  async #clone(run: ContainerRun, config: ContainerConfig): Promise<ClonedContainer> {
    const parent = this.#parentOf(config)
    const { transfers, aborted } = run
    const bring = bringWith(this.images, { container: run.id, transfers, abort: aborted.signal })
    const container = await prepareContainer(
      config,
      this.#context,
      parent && { container: parent.container, process: parent.process },
      bring,
    )
    const plan = await launchPlan(container, this.#context)
    refuseIfDestroyed(run)
    const process = await this.#context.host.start(plan)
    run.attach(container, process, this.#isolators)
    for (const [, isolator] of isolatorsOf(container, this.#context)) await isolator.isolate?.(container, process)
    this.images?.note(run.id)
    refuseIfDestroyed(run)
    this.#parentOf(config)
    this.#endWithParent(run)
    run.advance('cloned')
    return { id: run.id, supervisor: process.supervisor }
  }

  async go(id: string): Promise<LaunchedTask> {
    const run = this.#find(id)
    const { process, phase } = run
    if (!process || phase === 'preparing' || phase === 'destroying') {
      throw launchFailed(ContainerizerErrors.NOT_CLONED({ id, phase }))
    }
    if (phase === 'cloned') {
      run.advance('go')
      await this.#fetch(run, process)
      process.go()
    }
    try {
      return await process.started
    } catch (error) {
      throw launchFailed(error)
    }
  }

  /** After the checkpoint and before the task may run (row 6-005): an agent that dies here leaves a container that cleans itself up. */
  async #fetch(run: ContainerRun, process: Container): Promise<void> {
    const { container } = run
    const uris = container?.config.command.uris ?? []
    if (!container || uris.length === 0) return
    const ended = new AbortController()
    process.ended.then(() => ended.abort(ContainerizerErrors.DESTROYED({ id: run.id })))
    try {
      const into = { sandbox: container.config.sandbox, owner: container.owner, transfers: run.transfers }
      await this.#fetcher.fetch(uris, into, ended.signal)
    } catch (error) {
      run.fail(failedLaunch(error))
      await process.kill()
      throw launchFailed(error)
    }
  }

  wait(id: string): Promise<Termination> {
    return this.#find(id).terminated
  }

  async signal(id: string, signal: number, to: SignalTarget = 'task'): Promise<boolean> {
    return (await this.#find(id).process?.signal(signal, to)) ?? false
  }

  async stop(id: string): Promise<boolean> {
    const { container } = this.#find(id)
    return this.signal(id, stopSignal(container && imageOf(container).stopSignal), 'group')
  }

  async attachOutput(id: string): Promise<AttachedOutput> {
    return this.#process(id).attachOutput()
  }

  async attachInput(id: string): Promise<AttachedInput> {
    return this.#process(id).attachInput()
  }

  async resize(id: string, size: WindowSize): Promise<void> {
    return this.#process(id).resize(size)
  }

  async kill(id: string): Promise<void> {
    const run = this.#find(id)
    run.abort()
    await run.process?.kill()
  }

  destroy(id: string): Promise<void> {
    const run = this.#runs.get(id)
    if (!run) return this.#context.host.destroy(id)
    run.destroyed ??= this.#destroy(run).catch((error) => {
      run.destroyed = undefined // so that it can be tried again
      throw error
    })
    return run.destroyed
  }

  async #destroy(run: ContainerRun): Promise<void> {
    run.advance('destroy')
    run.abort()
    // Deepest first: a cgroup goes only after those in it, and so does the kernel's end of a pid namespace.
    await Promise.all(this.#nestedIn(run.id).map((nested) => this.destroy(nested.id)))
    await run.cloning
    if (this.#runs.get(run.id) !== run) return // the clone failed and cleaned up after itself
    await this.#remove(run)
    run.end(failedLaunch(ContainerizerErrors.DESTROYED({ id: run.id })))
  }

  /** Invariant: the id is free again only when nothing is left that could get in the way of a new container of that id. */
  async #remove(run: ContainerRun): Promise<void> {
    await this.#context.host.destroy(run.id)
    await run.process?.ended
    await Promise.all(this.#isolators.map((isolator) => isolator.cleanup?.(run.id)))
    this.images?.release(run.id)
    this.#runs.delete(run.id)
  }

  async update(id: string, resources: ContainerResources): Promise<void> {
    const run = this.#find(id)
    const { container, process } = run
    if (!container || !process) return
    const wanted = await Promise.all(
      this.#context.isolators.map(
        async ([name, isolator]) =>
          [name, { cgroups: { settings: (await isolator.update?.(container, resources)) ?? {} } }] as const,
      ),
    )
    const settings: CgroupSettings = mergeFragments(wanted).cgroups?.settings ?? {}
    if (Object.keys(settings).length > 0 && !sharesCgroups(container)) await process.update(settings)
    await Promise.all(this.#isolators.map((isolator) => isolator.updated?.(container, resources)))
    run.container = { ...container, config: { ...container.config, resources } }
  }

  async usage(id: string): Promise<ResourceStatistics> {
    const { container, process } = this.#find(id)
    if (!container || !process) throw ContainerizerErrors.NOT_FOUND({ id })
    const statistics = await process.statistics()
    const parts = this.#isolators.map((isolator) => isolator.usage?.(container, statistics))
    return Object.assign({ timestamp: Number(statistics.timestampMs) / 1000 }, ...parts)
  }

  async status(id: string): Promise<ContainerStatus> {
    const { container, process, phase } = this.#find(id)
    const parts = container ? this.#isolators.map((isolator) => isolator.status?.(container)) : []
    const executorPid = process && (phase === 'running' ? (await process.started).initPid : process.supervisor.pid)
    return Object.assign({ containerId: containerId({ id, parent: this.#find(id).parent }), executorPid }, ...parts)
  }

  async recover(known: readonly ContainerConfig[]): Promise<RecoveredContainers> {
    await this.#fetcher.open?.()
    const { containers, leftovers, removal } = await this.#context.host.recover()
    const byId = new Map(containers.map((container) => [container.id, container]))
    const ids = new Set(known.map((config) => config.id))
    const orphans = [...new Set([...byId.keys(), ...leftovers])].filter((id) => !ids.has(id))
    const stuck = await this.#destroyDeepestFirst(orphans)
    for (const id of stuck) await this.#recoverOne(nameless(id), byId.get(id))
    await this.images?.recover(ids)
    const live: string[] = []
    const ended: string[] = []
    for (const config of known.toSorted((one, other) => depthOf(one) - depthOf(other))) {
      const run = await this.#recoverOne(config, byId.get(config.id))
      ;(run.phase === 'ended' ? ended : live).push(config.id)
    }
    return { live, ended, orphans, stuck, removal }
  }

  async #recoverOne(config: ContainerConfig, process: Container | undefined): Promise<ContainerRun> {
    const run = new ContainerRun(config)
    this.#runs.set(config.id, run)
    if (!process) {
      run.end(LOST)
      return run
    }
    const parent = config.parent === undefined ? undefined : this.#runs.get(config.parent)
    const container = await this.#reprepare(config, process.ids, parent)
    await Promise.all(this.#isolators.map((isolator) => isolator.recover?.(container)))
    run.phase = process.phase === 'running' ? 'running' : 'starting'
    run.attach(container, process, this.#isolators)
    if (process.phase === 'ended') await run.terminated
    else if (config.parent !== undefined) this.#endWithParent(run)
    return run
  }

  /** A container that runs cannot be refused any more, so what has vanished since (its user, its image) is left out. */
  async #reprepare(
    config: ContainerConfig,
    ids: IdMappings | undefined,
    around: ContainerRun | undefined,
  ): Promise<PreparedContainer> {
    const parent = around?.container && around.process && { container: around.container, process: around.process }
    const prepared = prepareContainer(config, this.#context, parent, heldBy(this.images, config.id), () => ids)
    return prepared.catch(() => ({ config, ids, parent, sandboxInside: config.sandbox }))
  }

  /** Throws unless it runs: nobody else has namespaces to be joined. */
  #parentOf(config: ContainerConfig): { container: PreparedContainer; process: Container } | undefined {
    const { id, parent } = config
    if (parent === undefined) return undefined
    const { container, process, phase } = this.#runs.get(parent) ?? {}
    if (!container || !process || phase !== 'running') throw ContainerizerErrors.PARENT_NOT_RUNNING({ id, parent })
    return { container, process }
  }

  #nestedIn(id: string): ContainerRun[] {
    return [...this.#runs.values()].filter((run) => run.parent === id)
  }

  /** However the parent ends, and whether the kernel sees to it or we do; how the nested one ended can be asked until the parent is destroyed. */
  #endWithParent(run: ContainerRun): void {
    const parent = run.parent === undefined ? undefined : this.#runs.get(run.parent)
    const end = (): unknown => run.process?.kill().catch(() => undefined) // it can only fail because it is over
    if (parent) parent.terminated.then(end)
    else if (run.parent !== undefined) end()
  }

  /** What one of them holds up (a busy mount, a hung disk) is no reason to do without all others; those are told. */
  async #destroyDeepestFirst(ids: readonly string[]): Promise<string[]> {
    const depth = (id: string): number => id.split('.').length
    const stuck: string[] = []
    const destroy = (id: string): Promise<unknown> => this.#context.host.destroy(id).catch(() => stuck.push(id))
    for (const level of [...new Set(ids.map(depth))].sort((one, other) => other - one)) {
      await Promise.all(ids.filter((id) => depth(id) === level).map(destroy))
    }
    return stuck
  }

  transfers(): readonly TransferGroup[] {
    const starting = [...this.#runs.values()].filter(({ phase }) => ['preparing', 'cloned', 'starting'].includes(phase))
    return starting.map((run) => run.transfers).filter((group) => group.list().length > 0)
  }

  containers(): string[] {
    return [...this.#runs.keys()]
  }

  async close(): Promise<void> {
    const preparing = [...this.#runs.values()].filter(({ phase }) => phase === 'preparing')
    for (const run of preparing) run.abort()
    await Promise.all(preparing.map(({ cloning }) => cloning))
    await this.images?.close()
    await this.#context.host.close()
  }

  #process(id: string): Container {
    const { process, phase } = this.#find(id)
    if (!process) throw ContainerizerErrors.NOT_CLONED({ id, phase })
    return process
  }

  #find(id: string): ContainerRun {
    const run = this.#runs.get(id)
    if (!run) throw ContainerizerErrors.NOT_FOUND({ id })
    return run
  }
}

/** Of which nobody knows what it was. */
const nameless = (id: string): ContainerConfig => ({ id, command: {}, sandbox: '', resources: containerResources([]) })

function refuseIfDestroyed({ aborted }: ContainerRun): void {
  aborted.signal.throwIfAborted()
}

function refuseImpossibleId(config: ContainerConfig): void {
  try {
    checkedContainerId(config.id)
    checkNestedId(config)
  } catch (error) {
    throw launchFailed(error)
  }
}
