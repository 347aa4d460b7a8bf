import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Timing, timing } from './c-tools.js'
import { CpuGroup } from './cpu-group.js'
import type { Workplace } from './workplace.js'

export type PeerName = 'runc' | 'crun' | 'bwrap' | 'docker'

const NEEDS: Record<PeerName, readonly string[]> = {
  runc: ['/usr/sbin/runc'],
  crun: ['/usr/bin/crun', '/usr/sbin/runc'],
  bwrap: ['/usr/bin/bwrap'],
  docker: ['/usr/sbin/dockerd', '/usr/local/bin/docker'],
}

/** The file for want of which a peer cannot stand beside us here. */
export const missing = (name: PeerName): string | undefined => NEEDS[name].find((path) => !existsSync(path))

/** An OCI bundle around `root` as runc itself suggests it, with the limit that ours gets: 64 MiB, and no terminal. */
function bundle(directory: string, root: string, cgroup: string | undefined): string {
  mkdirSync(directory, { recursive: true })
  rmSync(join(directory, 'config.json'), { force: true })
  execFileSync('runc', ['spec', '-b', directory])
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))
  config.process.terminal = false
  config.process.args = ['/bin/true']
  config.root.path = root
  config.linux.resources.memory = { limit: 64 << 20 }
  if (cgroup) config.linux.cgroupsPath = cgroup
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
  return directory
}

/** crun refuses hybrid hosts only because the v2 tree has a controller; without that mount it runs on v1 (performance.md §2.2). */
const WITHOUT_V2 = ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh']

/** A command that runs /bin/true again and again in containers of the peer; `{}` stands for a number that is used once. */
async function command(
  name: PeerName,
  place: Workplace,
  cgroup: string | undefined,
  repeat: readonly string[],
): Promise<string[]> {
  const { directory, root } = place
  switch (name) {
    case 'runc':
      return [...repeat, 'runc', 'run', '-b', bundle(join(directory, 'runc'), root, cgroup), `mb${process.pid}-{}`]
    case 'crun':
      return [...WITHOUT_V2, ...repeat, 'crun', 'run', '-b', bundle(join(directory, 'crun'), root, cgroup), `mb${process.pid}-{}`]
    case 'bwrap': {
      const inside = ['--unshare-all', '--ro-bind', root, '/', '--proc', '/proc', '--dev', '/dev']
      return [...repeat, 'bwrap', ...inside, '/bin/true']
    }
    case 'docker':
      return [...repeat, ...(await place.dockerd())!.command(['--rm'], ['/bin/true'])]
  }
}

/** Runs the peer `count` times in a row; wall time from outside, CPU time from a group that it and all its children stand in. */
export async function measurePeer(name: PeerName, place: Workplace, count: number, workers = 1): Promise<Timing> {
  const group = new CpuGroup(name)
  try {
    // Several at once cannot share a cgroup; then each makes its own elsewhere, and its processor time is not counted.
    const cgroup = workers === 1 ? `${group.path}/container` : undefined
    const argv = await command(name, place, cgroup, [place.repeat, '-n', String(count), '-p', String(workers)])
    const daemon = name === 'docker' ? (await place.dockerd())!.group : undefined
    const daemonBefore = daemon?.usedMs() ?? 0
    const result = await timing(group.wrap(argv))
    const used = group.usedMs() + (daemon?.usedMs() ?? 0) - daemonBefore
    return { ...result, cpuMs: used / (count * workers) }
  } finally {
    group.remove()
  }
}
