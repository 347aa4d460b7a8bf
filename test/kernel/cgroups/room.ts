import { availableControllers } from '#containerizer/controllers.js'
import type { Container, ContainerPlan, Host } from '#host/host.js'
import type { CgroupSettings } from '#wire/native.js'
import { CgroupView } from '../../support/cgroup-view.js'
import { RealMachine } from '../../support/real-machine.js'

export const MiB = 1n << 20n

/** Containers in cgroups of this test's own, in whichever world this machine lives. */
export class Room {
  readonly machine: RealMachine
  host: Host

  static async open(): Promise<Room> {
    const machine = await RealMachine.prepare()
    return new Room(machine, await machine.open())
  }

  private constructor(machine: RealMachine, host: Host) {
    this.machine = machine
    this.host = host
  }

  /** Which of these this machine does not have; a test that needs one says so by skipping. */
  lacks(...controllers: string[]): string | undefined {
    const available = availableControllers(this.host.facts)
    const missing = controllers.filter((name) => !available.has(name))
    return missing.length > 0 ? `no cgroup controller ${missing.join(', ')} on this machine` : undefined
  }

  /** Until its task runs. With no controllers named, those that every container of a default agent has. */
  async start(script: string, { id = 'c1', controllers, settings, path, over }: Wanted = {}): Promise<Container> {
    const plan = this.machine.plan(id, script)
    const cgroups = {
      path: path ?? `${this.machine.cgroupsRoot}/${id}`,
      controllers: controllers ?? plan.cgroups!.controllers,
      settings,
    }
    const container = await this.host.start({ ...plan, cgroups, ...over })
    container.go()
    await container.started
    return container
  }

  /** As `start`, for one that cannot be started: the sentence that says why. */
  async refusal(wanted: Wanted): Promise<string> {
    return this.start('true', wanted).then(
      () => 'it was started',
      (error: Error) => error.message,
    )
  }

  view(path = 'c1'): CgroupView {
    return new CgroupView(this.host.facts.cgroups, `${this.machine.cgroupsRoot}/${path}`)
  }

  /** As an agent that died and came back: the container that it finds. */
  async restart(): Promise<Container> {
    await this.machine.crash()
    this.host = await this.machine.open()
    return (await this.host.recover()).containers[0]!
  }

  close(): Promise<void> {
    return this.machine.dispose()
  }
}

interface Wanted {
  readonly id?: string
  readonly controllers?: string[]
  readonly settings?: CgroupSettings
  readonly path?: string
  readonly over?: Partial<ContainerPlan>
}
