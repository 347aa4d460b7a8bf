import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#base/clock.js'
import { parseFlags } from '#base/flags.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import { createImageStore } from '#containerizer/images/create.js'
import { imageFlags } from '#containerizer/images/flags.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import type { Host } from '#host/host.js'
import { openRealArchives } from '#host/real-archives.js'
import { writeLayout } from '../../support/oci-layout.js'
import { oddLayers } from '../../support/odd-layers.js'
import { RealMachine } from '../../support/real-machine.js'
import { missingPrograms, RealRegistry } from '../../support/real-registry.js'
import { treeListing } from '../../support/tree-listing.js'

const missing = missingPrograms('docker-registry', 'skopeo', 'umoci', 'python3', 'busybox')

/** Parts of this host's /usr that have links of both kinds, many small files and some large ones: those of them that it has. */
const OF_THE_HOST = ['share/zoneinfo', 'lib/git-core', 'share/perl', 'lib/python3.11/encodings'].filter((path) =>
  existsSync(join('/usr', path)),
)

describe.skipIf(missing.length > 0)(
  `images of a real registry${missing.length ? ` (missing: ${missing.join(', ')})` : ''}`,
  () => {
    let directory: string
    let machine: RealMachine
    let host: Host
    let registry: RealRegistry
    let store: ImageStore
    let closeArchives: () => Promise<void>

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'meseta-pull-'))
      machine = await RealMachine.prepare()
      host = await machine.open()
      registry = await RealRegistry.start(join(directory, 'registry'))
      const odd = oddLayers(join(directory, 'odd'))
      writeLayout(join(directory, 'odd-layout'), '1', odd, { Cmd: ['/bin/sh'] })
      writeLayout(join(directory, 'host-layout'), '1', hostLayers(join(directory, 'host')))
      const archives = openRealArchives()
      closeArchives = () => archives.close()
      const flags = parseFlags(imageFlags, [`--docker_registries=${JSON.stringify({ [registry.address]: { insecure: true } })}`])
      const parts = { archives, host, clock: systemClock, log: silentLog, metrics: new Metrics() }
      store = (await createImageStore({ flags, workDir: join(directory, 'work'), ...parts }))!
      await store.recover(new Set())
    })

    afterAll(async () => {
      await store?.close()
      await closeArchives?.()
      await registry?.stop()
      await machine?.dispose()
      if (directory) rmSync(directory, { recursive: true })
    })

    /** What a container would see of the image. */
    async function pulled(reference: string): Promise<string[]> {
      const { layers } = await store.get(
        { kind: 'docker', name: reference, cached: true },
        { abort: new AbortController().signal },
      )
      if (layers.length === 1) return treeListing(layers[0]!)
      const seen = mkdtempSync(join(directory, 'seen-'))
      execFileSync('mount', ['-t', 'overlay', '-o', `ro,lowerdir=${layers.join(':')}`, 'seen', seen])
      try {
        return treeListing(seen)
      } finally {
        execFileSync('umount', [seen])
      }
    }

    const unpackedByUmoci = (layout: string): string[] => {
      const bundle = mkdtempSync(join(directory, 'umoci-'))
      execFileSync('umoci', ['unpack', '--image', `${layout}:1`, bundle])
      return treeListing(join(bundle, 'rootfs'))
    }

    test.each([
      ['OCI with gzip', 'odd', []],
      ['Docker schema 2', 'odd', ['--format', 'v2s2']],
      ['OCI with zstd', 'odd', ['--dest-compress-format', 'zstd', '--dest-compress']],
      ['a tree of this host', 'host', []],
    ] as const)('%s: entry by entry what umoci unpacks', async (what, image, options) => {
      const layout = join(directory, `${image}-layout`)
      const name = `${image}-${what.replaceAll(/\W/g, '').toLowerCase()}:1`
      const ours = await pulled(registry.push(layout, '1', name, ...options))
      const theirs = unpackedByUmoci(layout)
      expect(theirs.length).toBeGreaterThan(30)
      expect(ours).toEqual(theirs)
    })

    test.each(['odd', 'host'])('a layout of this host (%s): the same', async (image) => {
      const layout = join(directory, `${image}-layout`)
      expect(await pulled(layout)).toEqual(unpackedByUmoci(layout))
    })

    test('nothing of a pull is left in the store but what it is for', async () => {
      expect(readdirSync(join(directory, 'work/store/staging'))).toEqual([])
      expect((await store.list()).length).toBeGreaterThan(0)
    })

    test('without the registry everything is still there', async () => {
      const before = await pulled(`${registry.address}/odd-ociwithgzip:1`)
      await registry.stop()
      try {
        expect(await pulled(`${registry.address}/odd-ociwithgzip:1`)).toEqual(before)
      } finally {
        await registry.begin()
      }
    })
  },
)

function hostLayers(directory: string): string[] {
  return OF_THE_HOST.map((path, index) => {
    const layer = join(directory, String(index))
    mkdirSync(join(layer, 'usr', path, '..'), { recursive: true })
    execFileSync('cp', ['-a', join('/usr', path), join(layer, 'usr', path)])
    return layer
  })
}
