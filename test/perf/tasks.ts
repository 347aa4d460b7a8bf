import type { CommandInfo } from '#wire/mesos.js'
import { Cluster } from './cluster.js'
import { measureFloor } from './floor.js'
import { hostFiles } from './modes.js'
import { measurePeer, missing } from './peers.js'
import { type Measured, measured } from './quiet.js'
import { atLeast, atMost, percentile, type Row, recorded, row } from './report.js'
import type { Workplace } from './workplace.js'

/** What a real Mesos did on the development host (reference/performance.md §1.2, §2.2). */
const MESOS = { runningP50: 129, runningP99: 171, finishedP50: 218, finishedP99: 256, cpuMs: 230, perSecond: 5 }

/** As recorded of Mesos: a command task of the shell. */
const COMMAND: CommandInfo = { shell: true, value: 'true' }
const SAME_PROGRAM = ['/bin/sh', '-c', 'true']
const WORKERS = 4

/** Tasks over the v1 wire: one after another (T4), and many at once (T5). */
export async function tasks(place: Workplace): Promise<Row[]> {
  const cluster = await Cluster.start(place, 'tasks')
  try {
    await burst(cluster, place.scale.warmUps)
    await inTurn(cluster, place.scale.warmUps / 2)
    return [...(await oneByOne(place, cluster)), ...(await bursts(place, cluster))]
  } finally {
    await cluster.end()
  }
}

interface Turns {
  running: number[]
  finished: number[]
  cpuMs: number
}

async function inTurn(cluster: Cluster, count: number): Promise<Turns> {
  const before = cluster.group.usedMs()
  const turns: Turns = { running: [], finished: [], cpuMs: 0 }
  for (let i = 0; i < count; i++) {
    const ids = await cluster.scheduler.launch(1, COMMAND)
    const [time] = await cluster.scheduler.reached(ids, 'ended')
    turns.running.push(time!.running! - time!.accepted)
    turns.finished.push(time!.ended! - time!.accepted)
  }
  turns.cpuMs = (cluster.group.usedMs() - before) / count
  return turns
}

async function oneByOne(place: Workplace, cluster: Cluster): Promise<Row[]> {
  const { starts } = place.scale
  const { value, others } = await measured(place.patience, () => inTurn(cluster, starts))
  const figure = (value: number): Measured<number> => ({ value, others })
  const line = (what: string, ours: number, theirs: Measured<number>, peer: string, target = '', goal?: Row['goal']): Row =>
    row({ target, what: `task, ACCEPT → ${what}`, unit: 'ms', peer, goal, cpuMs: value.cpuMs }, figure(ours), theirs)
  const [running, finished] = [percentile(value.running, 50), percentile(value.finished, 50)]
  const rows = [
    line('RUNNING p50', running, recorded(MESOS.runningP50), 'Mesos (recorded)', 'T4', atMost(0.06)),
    line('RUNNING p99', percentile(value.running, 99), recorded(MESOS.runningP99), 'Mesos (recorded)'),
    line('FINISHED p50', finished, recorded(MESOS.finishedP50), 'Mesos (recorded)', 'T4', atMost(0.07)),
    line('FINISHED p99', percentile(value.finished, 99), recorded(MESOS.finishedP99), 'Mesos (recorded)'),
  ]
  if (!missing('bwrap')) {
    const bwrap = await measured(place.patience, () => measurePeer('bwrap', place, starts))
    const whole = { value: bwrap.value.wholeP50, others: bwrap.others }
    rows.push(line('RUNNING p50', running, whole, 'bwrap', 'T4', atMost(2)))
  }
  return [
    ...rows,
    row({ target: '', what: 'task, CPU', unit: 'ms', peer: 'Mesos (recorded)' }, figure(value.cpuMs), recorded(MESOS.cpuMs)),
  ]
}

async function burst(cluster: Cluster, count: number): Promise<{ perSecond: number; cpuMs: number }> {
  const before = cluster.group.usedMs()
  const ids = await cluster.scheduler.launch(count, COMMAND)
  const times = await cluster.scheduler.reached(ids, 'ended')
  const seconds = (Math.max(...times.map((time) => time.ended!)) - times[0]!.accepted) / 1000
  return { perSecond: count / seconds, cpuMs: (cluster.group.usedMs() - before) / count }
}

async function bursts(place: Workplace, cluster: Cluster): Promise<Row[]> {
  const { scale } = place
  const floorRun = { count: Math.ceil(Math.max(...scale.bursts) / WORKERS), workers: WORKERS }
  const floor = await measured(place.patience, () => measureFloor(place, hostFiles, SAME_PROGRAM, floorRun))
  const docker = missing('docker')
    ? undefined
    : await measured(place.patience, () => measurePeer('docker', place, Math.ceil(scale.slowStarts / WORKERS), WORKERS))
  const rows: Row[] = []
  for (const count of scale.bursts) {
    const { value, others } = await measured(place.patience, () => burst(cluster, count))
    const line = (theirs: Measured<number>, peer: string, target: string, goal: Row['goal']): Row =>
      row(
        { target, what: `${count} tasks in one ACCEPT, until FINISHED`, unit: '/s', peer, goal, cpuMs: value.cpuMs },
        { value: value.perSecond, others },
        theirs,
      )
    rows.push(line(recorded(MESOS.perSecond), 'Mesos (recorded)', 'T5', atLeast(35)))
    rows.push(line({ value: floor.value.perSecond, others: floor.others }, `C floor, P=${WORKERS}`, 'T5', atLeast(0.45)))
    if (docker)
      rows.push(line({ value: docker.value.perSecond, others: docker.others }, `docker run, P=${WORKERS}`, 'T5', atLeast(25)))
    const about = { what: `${count} tasks in one ACCEPT, CPU`, unit: 'ms' }
    const cpu = { value: value.cpuMs, others }
    rows.push(
      row({ ...about, target: 'T2', peer: 'C floor', goal: atMost(1.9) }, cpu, {
        value: floor.value.cpuMs!,
        others: floor.others,
      }),
    )
    if (docker)
      rows.push(
        row({ ...about, target: 'T2', peer: 'docker run', goal: atMost(0.025) }, cpu, {
          value: docker.value.cpuMs!,
          others: docker.others,
        }),
      )
  }
  return rows
}
