import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Workplace as OciWorkplace } from '../oci/workplace.js'
import { RootPlace } from '../rootfs/place.js'

const INTERFACES = '/proc/sys/net/ipv4/conf'

/** Whether each interface of the host would route what claims to be from or for its loopback. */
const routesLoopback = (): string =>
  readdirSync(INTERFACES)
    .map((name) => `${name} ${readFileSync(join(INTERFACES, name, 'route_localnet'), 'utf8').trim()}`)
    .join('\n')

const listening = (server: Server, at: object): Promise<void> => new Promise((resolve) => server.listen(at, resolve))

describe('attacks over the network', () => {
  let place: RootPlace
  let before: string
  beforeEach(async () => {
    before = routesLoopback()
    place = await RootPlace.prepare()
  })
  afterEach(async () => {
    await place.dispose()
    expect(routesLoopback()).toBe(before)
  })

  const own = { mount: true, pid: true, ipc: true, uts: true, cgroup: true, network: true }
  const root = () => ({ root: { directory: place.image, overlay: true } })
  const said = (script: string, change: object = {}) => place.finish(script, { ...root(), ...change })

  test('S53 from a network of its own a container reaches neither what listens on the host nor metadata of a cloud', async () => {
    const server = createServer((socket) => socket.end('of the host\n'))
    await listening(server, { host: '127.0.0.1', port: 0 })
    try {
      const { port } = server.address() as { port: number }
      const reach = (address: string) => `busybox nc -w 1 ${address} </dev/null 2>&1; true`
      // The same words reach it from the host's network, so they could.
      expect(await said(reach(`127.0.0.1 ${port}`))).toBe('of the host\n')
      expect(await said(reach(`127.0.0.1 ${port}`), { namespaces: own })).toMatch(/refused/)
      for (const address of ['169.254.169.254 80', '10.0.0.1 2379', '8.8.8.8 53']) {
        expect(await said(reach(address), { namespaces: own }), address).toMatch(/unreachable/)
      }
      expect(await said('busybox ip route; cat /proc/net/arp | wc -l', { namespaces: own })).toBe('1\n')
    } finally {
      server.close()
    }
  })

  const smuggled = { name: 'net.ipv4.conf.all.route_localnet', value: '1' }

  test('S54 (CVE-2020-8558) loopback of the host is routed for nobody: a container can ask for that in its own network only', async () => {
    expect(await said('sysctl -n net.ipv4.conf.all.route_localnet', { namespaces: own, sysctls: [smuggled] })).toBe('1\n')
    expect(await place.failure({ ...root(), sysctls: [smuggled] })).toMatch(
      /not of a namespace that the container has of its own/,
    )
  })

  test.each(['/proc/self/ns/net', `/proc/${process.pid}/ns/net`])(
    'S39, S54 nor by way of a bundle that calls the network of the host its own: %s',
    async (path) => {
      const bundle = await OciWorkplace.prepare()
      bundle.configure('true', ({ linux }) => {
        linux.namespaces = [...linux.namespaces.filter(({ type }) => type !== 'network'), { type: 'network', path }]
        linux.sysctl = { [smuggled.name]: smuggled.value }
      })
      const { code, err } = bundle.oci('run', 'c1')
      expect(err).toMatch(/not of a namespace that the container has of its own/)
      expect(code).not.toBe(0)
      bundle.oci('delete', '--force', 'c1')
      await bundle.dispose()
    },
  )
})
