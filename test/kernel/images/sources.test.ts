import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImagePlace, skopeo } from './place.js'

const CONFIG = {
  Entrypoint: ['/bin/busybox', 'sh', '-c', 'echo "$0 $* $GREETING"; pwd; cat /etc/from'],
  Cmd: ['from', 'cmd'],
  Env: ['GREETING=hello', 'PATH=/bin'],
  WorkingDir: '/etc',
}
const ITS_OWN = { shell: false }
const SAID = 'from cmd hello\n/etc\n'

let place: ImagePlace
let registry: string
beforeAll(async () => {
  registry = '/tmp/meseta-sources-registry'
  execFileSync('rm', ['-rf', registry])
  await mkdir(registry)
  place = await ImagePlace.open(`--docker_registry=${registry}`)
})
afterAll(async () => {
  await place.close()
  execFileSync('rm', ['-rf', registry])
})

const said = async (name: string): Promise<string> => {
  const { stdout, stderr, termination } = await place.run(name, ITS_OWN)
  expect(termination, stderr).toEqual({ waitStatus: 0 })
  return stdout
}

describe('an image in files of this host', () => {
  test('as an OCI layout in a directory, by path and by URI', async () => {
    const layout = await place.layout('a', CONFIG)
    expect(await said(layout)).toBe(`${SAID}a\n`)
    expect(await said(`file://${layout}`)).toBe(`${SAID}a\n`)
    expect(await said(`${layout}#latest`)).toBe(`${SAID}a\n`)
    await expect(said(`${layout}#other`)).rejects.toThrow(/has no image "other"; it has latest/)
  })

  test.each([
    ['docker-archive', (path: string) => `docker-archive:${path}:example/b:1`],
    ['oci-archive', (path: string) => `oci-archive:${path}`],
  ])('as skopeo writes %s, plain or compressed', async (form, target) => {
    const layout = await place.layout(form, CONFIG)
    const path = place.path(`${form}.tar`)
    skopeo(`oci:${layout}:latest`, target(path))
    expect(await said(path)).toBe(`${SAID}${form}\n`)
    execFileSync('gzip', ['-k', path])
    await rename(`${path}.gz`, `${path}-gz`)
    expect(await said(`${path}-gz`)).toBe(`${SAID}${form}\n`)
  })

  test('as old Dockers saved them, where layers are links to others', async () => {
    const base = place.path('old', 'base')
    await place.layout('old')
    const [lower, upper, empty] = ['1', '2', '3'].map((digit) => digit.repeat(64))
    const dockerVersion = { os: 'linux', architecture: 'amd64' }
    for (const [id, parent, tree] of [
      [lower, undefined, 'base'],
      [upper, lower, 'own'],
      [empty, upper, undefined],
    ] as const) {
      await mkdir(join(base, id!), { recursive: true })
      await writeFile(join(base, id!, 'json'), JSON.stringify({ ...dockerVersion, id, parent, config: CONFIG }))
      if (tree) execFileSync('tar', ['-cf', join(base, id!, 'layer.tar'), '-C', place.path('trees/old', tree), '.'])
      else await symlink(`../${upper}/layer.tar`, join(base, id!, 'layer.tar'))
    }
    await writeFile(join(base, 'repositories'), JSON.stringify({ old: { latest: empty, first: lower } }))
    const path = place.path('old.tar')
    execFileSync('tar', ['-cf', path, '-C', base, '.'])
    expect(await said(`${path}#old`)).toBe(`${SAID}old\n`)
    await expect(said(path)).rejects.toThrow(/holds several images; add # and one of these to its name: old:latest, old:first/)
  })

  test('from the web', async () => {
    const layout = await place.layout('web-served', CONFIG)
    const path = place.path('served.tar')
    skopeo(`oci:${layout}:latest`, `oci-archive:${path}`)
    const server = createServer((request, response) => {
      if (request.url !== '/served.tar?token=secret') return void response.writeHead(404).end()
      createReadStream(path).pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await said(`${url}/served.tar?token=secret`)).toBe(`${SAID}web-served\n`)
    await expect(said(`${url}/other.tar?token=secret`)).rejects.toThrow(
      `could not download ${url}/other.tar?…: the server answered 404`,
    )
    server.close()
    expect(await readdir(place.path('store', 'staging'))).toEqual([])
  })

  test('that are no image is said so', async () => {
    const text = place.path('text')
    await writeFile(text, 'this is a text, and no archive\n'.repeat(100))
    await expect(said(text)).rejects.toThrow(/text is no archive that can be read/)
    await expect(said(`${text}-none`)).rejects.toThrow(/text-none does not exist/)
    await expect(said('ftp://example.com/a.tar')).rejects.toThrow(/paths, file, http and https, not ftp/)
  })

  test('as nothing but its files', async () => {
    await place.layout('c')
    const path = place.path('c.tar.gz')
    execFileSync('tar', ['-czf', path, '-C', place.path('trees/c/base'), '.'])
    const { stdout } = await place.run(path, 'cat /image-file; pwd')
    expect(stdout).toBe('from the image\n/mnt/mesos/sandbox\n')
  })
})

describe('--docker_registry as a directory (row 6-077)', () => {
  test.each([
    ['web', 'web.tar'],
    ['web:2', 'web:2.tar'],
    ['group/web:3', 'group/web:3.tar'],
    ['library/web:4', 'library/web:4.tar'],
  ])('%s is %s', async (name, file) => {
    const id = name.replaceAll(/\W/g, '-')
    const layout = await place.layout(id, CONFIG)
    await mkdir(join(registry, file, '..'), { recursive: true })
    skopeo(`oci:${layout}:latest`, `docker-archive:${join(place.path(), `${id}.tar`)}`)
    execFileSync('mv', [join(place.path(), `${id}.tar`), join(registry, file)])
    expect(await said(name)).toBe(`${SAID}${id}\n`)
  })

  test('a layout of many tags', async () => {
    for (const tag of ['one', 'two']) {
      const layout = await place.layout(tag, CONFIG, {}, tag)
      skopeo(`oci:${layout}:${tag}`, `oci:${join(registry, 'many')}:${tag}`)
    }
    expect(await said('many:two')).toBe(`${SAID}two\n`)
    expect(await said('many:one')).toBe(`${SAID}one\n`)
    await expect(said('many:three')).rejects.toThrow(/has no image "many:three"; it has one, two/)
  })

  test('what is not there is told with all that was tried', async () => {
    await expect(said('nowhere:1')).rejects.toThrow(/image nowhere:1 is not on this agent; tried .*nowhere:1\.tar/)
  })
})
