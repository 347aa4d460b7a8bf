import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Timing, timing } from './c-tools.js'
import { CpuGroup } from './cpu-group.js'

/** A runtime that people would take instead of ours, as a command that runs /bin/true in a container and removes it. */
export interface Peer {
  readonly name: string
  readonly needs: readonly string[]
  /** `{}` stands for a number that is used once. `group` is the cgroup its CPU time is counted in. */
  command(group: CpuGroup): string[]
  /** The group of a daemon that does part of the work. */
  readonly daemon?: CpuGroup
  stop?(): Promise<void>
}

/** An OCI bundle around `root`, with the limits that ours gets: 64 MiB, no terminal, no network of its own. */
function bundle(directory: string, root: string, group: CpuGroup): string {
  mkdirSync(directory, { recursive: true })
  rmSync(join(directory, 'config.json'), { force: true })
  execFileSync('runc', ['spec', '-b', directory])
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))
  config.process.terminal = false
  config.process.args = ['/bin/true']
  config.root.path = root
  config.linux.resources.memory = { limit: 64 << 20 }
  config.linux.cgroupsPath = `${group.path}/container`
  config.linux.namespaces = config.linux.namespaces.filter((namespace: { type: string }) => namespace.type !== 'network')
  // Without a network namespace of its own a container may not mount a new sysfs.
  config.mounts = config.mounts.filter((mount: { destination: string }) => !mount.destination.startsWith('/sys'))
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
  return directory
}

export function runc(work: string, root: string): Peer {
  return {
    name: 'runc',
    needs: ['/usr/sbin/runc'],
    command: (group) => ['runc', 'run', '-b', bundle(join(work, 'runc'), root, group), `mb${process.pid}-{}`],
  }
}

/** crun refuses hybrid hosts only because the v2 tree has a controller; without that mount it runs on v1 (performance.md §2.2). */
export function crun(work: string, root: string): Peer {
  return {
    name: 'crun',
    needs: ['/usr/bin/crun', '/usr/sbin/runc'],
    command: (group) => ['crun', 'run', '-b', bundle(join(work, 'crun'), root, group), `mb${process.pid}-{}`],
  }
}

export function bwrap(_work: string, root: string): Peer {
  return {
    name: 'bwrap',
    needs: ['/usr/bin/bwrap'],
    command: () => [
      'bwrap',
      '--unshare-all',
      '--share-net',
      '--ro-bind',
      root,
      '/',
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '/bin/true',
    ],
  }
}

/** A dockerd of our own, without network and iptables. */
export async function docker(work: string, root: string): Promise<Peer> {
  const directory = join(work, 'docker')
  mkdirSync(directory, { recursive: true })
  const host = `unix://${directory}/docker.sock`
  const group = new CpuGroup('dockerd')
  const flags = [
    '--iptables=false',
    '--bridge=none',
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
    '--data-root',
    `${directory}/data`,
  ]
  const argv = group.wrap(['dockerd', ...flags, '--exec-root', `${directory}/exec`, '-H', host, '--pidfile', `${directory}/pid`])
  const daemon = spawn(argv[0]!, argv.slice(1), { stdio: 'ignore' })
  for (let tries = 0; tries < 300 && !existsSync(`${directory}/docker.sock`); tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  execFileSync('/bin/sh', ['-c', `tar -C ${root} -c . | docker -H ${host} import - bench:1`], { stdio: 'ignore' })
  return {
    name: 'docker run',
    needs: ['/usr/sbin/dockerd', '/usr/local/bin/docker'],
    command: () => [
      'docker',
      '-H',
      host,
      'run',
      '--rm',
      '--network=none',
      `--cgroup-parent=${group.path}`,
      '--memory=64m',
      'bench:1',
      '/bin/true',
    ],
    daemon: group,
    stop: async () => {
      const ended = new Promise((resolve) => daemon.once('exit', resolve))
      daemon.kill('SIGTERM')
      await ended
      group.remove()
    },
  }
}

export const missing = (peer: Peer): string | undefined => peer.needs.find((path) => !existsSync(path))

/** Runs the peer `count` times in a row; wall time from outside, CPU time from a group that it and all its children stand in. */
export async function measurePeer(peer: Peer, repeat: string, count: number, workers = 1): Promise<Timing> {
  const group = new CpuGroup(peer.name.replace(' ', '-'))
  const before = peer.daemon?.usedMs() ?? 0
  const inner = [repeat, '-n', String(count), '-p', String(workers), ...peer.command(group)]
  const argv =
    peer.name === 'crun' ? ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh', ...inner] : inner
  try {
    const result = await timing(group.wrap(argv))
    const daemonMs = (peer.daemon?.usedMs() ?? 0) - before
    return { ...result, cpuMs: (group.usedMs() + daemonMs) / (count * workers) }
  } finally {
    group.remove()
  }
}
