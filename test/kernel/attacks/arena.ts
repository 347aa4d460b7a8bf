import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import {
  CapabilityInfoCapability as Capability,
  type ContainerInfo,
  ContainerInfoType,
  ImageType,
  type LinuxInfo,
} from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { Workplace } from '../containerizer/workplace.js'
import { compile } from '../security/programs.js'

/** Where attacks are tried: an image with the attacker in it, and a file of the host that must stay what it is. */
export class Arena {
  readonly place: Workplace
  readonly root: string
  /** The attacker as the host sees it. */
  readonly attacker: string
  readonly canary: string

  static async open(...flags: string[]): Promise<Arena> {
    const place = await Workplace.open(...flags)
    const root = busyboxRoot(join(place.directory, 'image'))
    await mkdir(join(root, 'etc'), { recursive: true })
    const attacker = await compile('attacker', place.directory)
    await copyFile(attacker, join(root, 'bin/attacker'))
    const canary = join(place.directory, 'canary')
    await writeFile(canary, CANARY)
    return new Arena(place, root, attacker, canary)
  }

  private constructor(place: Workplace, root: string, attacker: string, canary: string) {
    this.place = place
    this.root = root
    this.attacker = attacker
    this.canary = canary
  }

  image(linuxInfo?: LinuxInfo, more: Partial<ContainerInfo> = {}): ContainerInfo {
    const image = { type: ImageType.DOCKER, docker: { name: this.root } }
    return { type: ContainerInfoType.MESOS, mesos: { image }, linuxInfo, ...more }
  }

  /** What a container with the image wrote, however it ended. */
  async inside(script: string, over: Partial<ContainerConfig> = {}, linuxInfo?: LinuxInfo): Promise<string> {
    const { stdout, stderr } = await this.place.run(script, { container: this.image(linuxInfo), ...over })
    return stdout + stderr
  }

  /** As `inside`, at a terminal, where there is one output only. */
  async atTerminal(script: string): Promise<string> {
    const config = this.place.config(script, { container: this.image(undefined, { ttyInfo: {} }) })
    await this.place.start(config)
    await this.place.containerizer.wait(config.id)
    await this.place.containerizer.destroy(config.id)
    return (await this.place.output(config)).replaceAll('\r', '')
  }

  /** What a task on the files of the host wrote. */
  async outside(script: string, over: Partial<ContainerConfig> = {}): Promise<string> {
    const { stdout, stderr } = await this.place.run(script, over)
    return stdout + stderr
  }

  async canaryIsUnchanged(): Promise<void> {
    expect(await readFile(this.canary, 'utf8')).toBe(CANARY)
    expect((await stat(this.canary)).mode & 0o7777).toBe(0o644)
  }

  close(): Promise<void> {
    return this.place.close()
  }
}

const CANARY = 'unchanged\n'

export const capabilities = (...names: (keyof typeof Capability)[]): LinuxInfo => ({
  effectiveCapabilities: { capabilities: names.map((name) => Capability[name]) },
})
