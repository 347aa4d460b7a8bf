import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerPlan, Host } from '#host/host.js'
import { openRealHost } from '#host/real-host.js'
import type { Timing } from './c-tools.js'
import { CpuGroup } from './cpu-group.js'
import { CONTROLLERS, measureFloor } from './floor.js'
import { measurePeer, missing, type PeerName } from './peers.js'
import { type Measured, measured } from './quiet.js'
import { atMost, percentile, type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

/** The launcher alone, without agent and wire: host.start to the end of host.destroy (T1, and T2 without the agent). */
export async function launcher(place: Workplace): Promise<Row[]> {
  const { starts } = place.scale
  const onHost = await compare(place, 'host files', ['/bin/true'], starts)
  const inRoot = await compare(place, 'bind rootfs', ['/bin/true'], starts, place.root)
  return [...onHost.rows, ...inRoot.rows, ...(await besideRuntimes(place, inRoot.ours))]
}

async function compare(place: Workplace, mode: string, program: readonly string[], count: number, root?: string) {
  const floor = await measured(place.patience, () => measureFloor(place, program, { count, ...(root && { root }) }))
  const ours = await measured(place.patience, () => launches(place, program, count, root))
  const line = (what: string, key: 'launchP50' | 'launchP99' | 'wholeP50' | 'cpuMs', target = '', goal?: Row['goal']): Row =>
    row({ target, what: `launcher, ${mode}: ${what}`, unit: 'ms', peer: 'C floor', goal }, pick(ours, key), pick(floor, key))
  const rows = [
    line('begin → exec p50', 'launchP50', 'T1', atMost(1.6)),
    line('begin → exec p99', 'launchP99'),
    line('whole life p50', 'wholeP50'),
    line('CPU', 'cpuMs', 'T2', atMost(1.9)),
  ]
  return { rows, ours }
}

const pick = ({ value, others }: Measured<Timing>, key: keyof Timing): Measured<number> => ({ value: value[key] ?? NaN, others })

/** What people would take instead: whole life and CPU, all in a root file system of their own. */
async function besideRuntimes(place: Workplace, ours: Measured<Timing>): Promise<Row[]> {
  const goals: Record<PeerName, [wall: Row['goal'], cpu: Row['goal']]> = {
    runc: [atMost(0.2), undefined],
    crun: [atMost(0.5), atMost(0.6)],
    bwrap: [undefined, undefined],
    docker: [undefined, atMost(0.025)],
  }
  const rows: Row[] = []
  for (const [name, [wall, cpu]] of Object.entries(goals) as [PeerName, [Row['goal'], Row['goal']]][]) {
    if (missing(name)) continue
    const count = name === 'docker' ? place.scale.slowStarts : place.scale.starts
    const theirs = await measured(place.patience, () => measurePeer(name, place, count))
    const line = (what: string, key: 'wholeP50' | 'cpuMs', target: string, goal: Row['goal']): Row =>
      row(
        { target: goal ? target : '', what: `launcher, ${what}`, unit: 'ms', peer: `${name} run`, goal },
        pick(ours, key),
        pick(theirs, key),
      )
    rows.push(line('whole life p50', 'wholeP50', 'T1', wall), line('CPU', 'cpuMs', 'T2', cpu))
  }
  return rows
}

async function launches(place: Workplace, program: readonly string[], count: number, root?: string): Promise<Timing> {
  const { warmUps } = place.scale
  const group = new CpuGroup('launcher')
  const runtimeDir = join(place.directory, `run-${root ? 'root' : 'host'}`)
  const sandbox = join(place.directory, 'sandbox')
  mkdirSync(sandbox, { recursive: true })
  // Counted are the supervisors, which are born where we stand, and what runs below the group.
  group.join(process.pid)
  // Containers alone do not keep a program alive.
  const alive = setInterval(() => {}, 1000)
  const host = await openRealHost({ runtimeDir, cgroupsRoot: group.path.slice(1) })
  try {
    const one = (index: number) => launchOnce(host, planOf(`c.${index}`, group, program, sandbox, root))
    for (let i = 1; i <= warmUps; i++) await one(-i)
    const [cpuBefore, begun] = [group.usedMs(), performance.now()]
    const times: { launch: number; whole: number }[] = []
    for (let i = 1; i <= count; i++) times.push(await one(i))
    const perSecond = (count * 1000) / (performance.now() - begun)
    const [launch, whole] = [times.map((time) => time.launch), times.map((time) => time.whole)]
    return {
      launchP50: percentile(launch, 50),
      launchP99: percentile(launch, 99),
      wholeP50: percentile(whole, 50),
      wholeP99: percentile(whole, 99),
      cpuMs: (group.usedMs() - cpuBefore) / count,
      perSecond,
    }
  } finally {
    await host.close()
    clearInterval(alive)
    new CpuGroup('bench').join(process.pid)
    group.remove()
  }
}

async function launchOnce(host: Host, plan: ContainerPlan): Promise<{ launch: number; whole: number }> {
  const begun = performance.now()
  const container = await host.start(plan)
  container.go()
  await container.started
  const launch = performance.now() - begun
  const end = await container.ended
  await host.destroy(plan.containerId)
  if (end.how !== 'exited' || end.waitStatus !== 0) throw new Error(`the task did not run: ${JSON.stringify(end)}`)
  return { launch, whole: performance.now() - begun }
}

function planOf(id: string, group: CpuGroup, program: readonly string[], sandbox: string, root?: string): ContainerPlan {
  return {
    containerId: id,
    namespaces: { mount: true, pid: true, ipc: true, uts: true, cgroup: true },
    cgroups: {
      path: `${group.path.slice(1)}/${id}`,
      controllers: CONTROLLERS,
      settings: { cpu: { shares: 102n }, memory: { limitBytes: 64n << 20n } },
    },
    hostname: 'bench',
    ...(root && { root: { directory: root } }),
    process: {
      executable: program[0]!,
      arguments: [...program],
      environment: ['PATH=/usr/bin:/bin'],
      workingDirectory: root ? '/' : sandbox,
      stdio: { stdout: join(sandbox, 'stdout'), stderr: join(sandbox, 'stderr') },
    },
  }
}
