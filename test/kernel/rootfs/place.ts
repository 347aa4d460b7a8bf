import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Container, ContainerPlan, Host } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

export const SANDBOX = '/mnt/mesos/sandbox'

/** A machine with an image of busybox, and containers that have it as their root. */
export class RootPlace {
  readonly machine: RealMachine
  readonly host: Host
  readonly image: string

  static async prepare(): Promise<RootPlace> {
    const machine = await RealMachine.prepare()
    const image = join(machine.directory, 'rootfs')
    await busyboxImage(image)
    return new RootPlace(machine, await machine.open(), image)
  }

  private constructor(machine: RealMachine, host: Host, image: string) {
    this.machine = machine
    this.host = host
    this.image = image
  }

  path(...parts: string[]): string {
    return join(this.machine.directory, ...parts)
  }

  get sandboxMount() {
    return { source: this.machine.sandbox, target: SANDBOX }
  }

  plan(script: string, change: Partial<ContainerPlan> = {}, id = 'c1'): ContainerPlan {
    const base = this.machine.plan(id, script)
    return {
      ...base,
      root: { directory: this.image },
      mounts: [this.sandboxMount],
      ...change,
      process: { ...base.process, environment: ['PATH=/bin'], workingDirectory: SANDBOX, ...change.process },
    }
  }

  async start(script: string, change: Partial<ContainerPlan> = {}, id = 'c1'): Promise<Container> {
    const container = await this.host.start(this.plan(script, change, id))
    container.go()
    return container
  }

  /** What a script said that succeeded. */
  async finish(script: string, change: Partial<ContainerPlan> = {}): Promise<string> {
    await rm(join(this.machine.sandbox, 'stdout'), { force: true })
    const container = await this.start(script, change)
    const end = await container.ended
    expect(end, await this.machine.errors().catch(() => '')).toMatchObject({ how: 'exited', waitStatus: 0 })
    await this.host.destroy('c1')
    return this.machine.output()
  }

  /** Why a container could not be started. */
  async failure(change: Partial<ContainerPlan>): Promise<string> {
    const container = await this.start('true', change)
    const end = await container.ended
    await this.host.destroy('c1')
    expect(end.how).toBe('failed')
    return end.how === 'failed' ? end.reason : ''
  }

  dispose(): Promise<void> {
    return this.machine.dispose()
  }
}

const TOOLS =
  'sh ls cat echo touch mount umount pwd stat mkdir sleep wc head grep true id ln mknod chmod df find dd rm mv cut tr sort env readlink test unshare ipcs sysctl'

export async function busyboxImage(directory: string): Promise<void> {
  await mkdir(join(directory, 'bin'), { recursive: true })
  await copyFile('/bin/busybox', join(directory, 'bin/busybox'))
  for (const tool of TOOLS.split(' ')) await symlink('busybox', join(directory, 'bin', tool))
  await writeFile(join(directory, 'image-file'), 'from the image\n')
}
