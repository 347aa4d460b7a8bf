import { join } from 'node:path'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { ContainerInfoType, ImageType, type LinuxInfo } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { exitCode, type Workplace } from '../containerizer/workplace.js'

/** A container that runs, and others in it. */
export class Pod {
  readonly place: Workplace
  readonly parent: ContainerConfig
  #next = 0

  private constructor(place: Workplace, parent: ContainerConfig) {
    this.place = place
    this.parent = parent
  }

  static async start(place: Workplace, script: string, over: Partial<ContainerConfig> = {}): Promise<Pod> {
    const parent = place.config(script, over)
    await place.start(parent)
    return new Pod(place, parent)
  }

  nested(script: string, over: Partial<ContainerConfig> = {}, parent = this.parent): ContainerConfig {
    const name = `n${++this.#next}`
    const sandbox = join(parent.sandbox, 'containers', name)
    return { ...this.place.config(script), id: `${parent.id}.${name}`, parent: parent.id, sandbox, ...over }
  }

  /** To its end; what it wrote. */
  async output(config: ContainerConfig): Promise<string> {
    const { containerizer } = this.place
    await this.place.start(config)
    const termination = await containerizer.wait(config.id)
    const [stdout, stderr] = await Promise.all([this.place.output(config), this.place.output(config, 'stderr')])
    if (exitCode({ termination, stdout, stderr }) !== 0) throw new Error(`${JSON.stringify(termination)} ${stdout} ${stderr}`)
    return stdout
  }
}

export const linux = (linuxInfo: LinuxInfo): Partial<ContainerConfig> => ({
  container: { type: ContainerInfoType.MESOS, linuxInfo },
})

export const withImage = (place: Workplace): Partial<ContainerConfig> => {
  const name = busyboxRoot(join(place.directory, 'image'))
  return {
    container: { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name } } } },
  }
}

export const NAMESPACES = ['mnt', 'pid', 'ipc', 'uts', 'net', 'cgroup', 'time', 'user'] as const

/** Prints the namespaces of the shell that runs it. */
export const PRINT_NAMESPACES = `for n in ${NAMESPACES.join(' ')}; do busybox readlink /proc/$$/ns/$n; done`

export const sameNamespaces = (one: string, other: string): string[] => {
  const [first, second] = [one.trim().split('\n'), other.trim().split('\n')]
  return NAMESPACES.filter((_, index) => first[index] === second[index])
}
