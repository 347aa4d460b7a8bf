import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { ContainerizerFlags } from '#containerizer/flags.js'
import { createImageStore } from '#containerizer/images/create.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import type { Host } from '#host/host.js'
import { openRealArchives } from '#host/real-archives.js'
import { type CommandInfo, type ContainerInfo, ContainerInfoType, type Image, ImageType } from '#wire/mesos.js'
import { type ImageConfig, writeLayout } from '../../support/oci-layout.js'
import { type Outcome, Workplace } from '../containerizer/workplace.js'
import { busyboxImage } from '../rootfs/place.js'

/** Containers that have real images, and what makes such images. */
export class ImagePlace {
  readonly workplace: Workplace

  static async open(...flags: string[]): Promise<ImagePlace> {
    return new ImagePlace(await Workplace.withImages(openStore, '/tmp', ...flags))
  }

  private constructor(workplace: Workplace) {
    this.workplace = workplace
  }

  path(...parts: string[]): string {
    return join(this.workplace.directory, ...parts)
  }

  /** An OCI layout with one image: busybox below, and a layer of these files; `flat`: one layer of all. */
  async layout(
    name: string,
    config: ImageConfig = {},
    files: Readonly<Record<string, string>> = {},
    tag = 'latest',
    flat = false,
  ): Promise<string> {
    const base = this.path('trees', name, 'base')
    const own = this.path('trees', name, 'own')
    await mkdir(join(own, 'etc'), { recursive: true })
    await busyboxImage(flat ? own : base)
    for (const [path, text] of Object.entries({ 'etc/from': `${name}\n`, ...files })) {
      await mkdir(join(own, path, '..'), { recursive: true })
      await writeFile(join(own, path), text)
    }
    const layout = this.path('layouts', name)
    writeLayout(layout, tag, flat ? [own] : [base, own], config)
    return layout
  }

  /** As a task would name it. */
  run(name: string | Image, command: CommandInfo | string, over: Partial<ContainerConfig> = {}): Promise<Outcome> {
    return this.workplace.run(command, { ...this.image(name), ...over })
  }

  image(name: string | Image): { container: ContainerInfo } {
    const image = typeof name === 'string' ? { type: ImageType.DOCKER, docker: { name } } : name
    return { container: { type: ContainerInfoType.MESOS, mesos: { image } } }
  }

  close(): Promise<void> {
    return this.workplace.close()
  }
}

async function openStore(host: Host, flags: ContainerizerFlags, workDir: string): Promise<ImageStore> {
  const archives = openRealArchives()
  const store = await createImageStore({
    flags,
    workDir,
    archives,
    host,
    clock: systemClock,
    log: silentLog,
    metrics: new Metrics(),
  })
  if (!store) throw new Error('no store with these flags')
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    await archives.close()
  }
  return store
}

/** Copies an image from one form into another. */
export function skopeo(from: string, to: string, ...options: string[]): void {
  execFileSync('skopeo', ['copy', '--quiet', ...options, from, to], { stdio: ['ignore', 'ignore', 'inherit'] })
}
