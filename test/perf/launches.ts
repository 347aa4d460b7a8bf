import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerPlan, Host } from '#host/host.js'
import { openRealHost } from '#host/real-host.js'
import type { Timing } from './c-tools.js'
import { CpuGroup } from './cpu-group.js'
import { type Mode, planner } from './modes.js'
import { median, percentile } from './report.js'
import type { Workplace } from './workplace.js'

export interface Times {
  /** Begin to exec done, and to everything removed; milliseconds. */
  readonly launch: number
  readonly whole: number
}

interface Amount {
  count: number
  workers?: number
  restMs?: number
}

/** Whole lives of containers, `workers` of them at a time, one after another in each, with `restMs` between them. */
export const launches = (place: Workplace, mode: Mode, program: readonly string[], amount: Amount): Promise<Timing> =>
  withSeries(place, mode, program, (series) => series.take(amount))

/** Of a machine that is slower in some minutes than in others, both see the same ones. */
const TURNS = 5

/** `count` in all, by turns with somebody else; of each the middle turn's figures. In a short turn p99 is the slowest start. */
export function byTurns(
  place: Workplace,
  mode: Mode,
  program: readonly string[],
  count: number,
  theirs: (count: number) => Promise<Timing>,
): Promise<{ ours: Timing; theirs: Timing }> {
  return withSeries(place, mode, program, async (series) => {
    const each = Math.ceil(count / TURNS)
    const taken: { ours: Timing[]; theirs: Timing[] } = { ours: [], theirs: [] }
    for (let turn = 0; turn < TURNS; turn++) {
      taken.theirs.push(await theirs(each))
      taken.ours.push(await series.take({ count: each }))
    }
    return { ours: middleOf(taken.ours), theirs: middleOf(taken.theirs) }
  })
}

function withSeries<T>(
  place: Workplace,
  mode: Mode,
  program: readonly string[],
  act: (series: Series) => Promise<T>,
): Promise<T> {
  return withHost(place, mode, async (host, plan, group) => {
    const series = new Series(host, plan, group, program)
    await series.warmUp(place.scale.warmUps)
    return act(series)
  })
}

function middleOf(timings: readonly Timing[]): Timing {
  const middle = (key: keyof Timing): number => median(timings.map((timing) => timing[key] ?? Number.NaN))
  return {
    launchP50: middle('launchP50'),
    launchP99: middle('launchP99'),
    wholeP50: middle('wholeP50'),
    wholeP99: middle('wholeP99'),
    cpuMs: middle('cpuMs'),
    perSecond: middle('perSecond'),
  }
}

class Series {
  private readonly group: CpuGroup
  private readonly one: () => Promise<Times>

  constructor(host: Host, plan: Plan, group: CpuGroup, program: readonly string[]) {
    let begun = 0
    this.group = group
    this.one = () => launchOnce(host, plan(`c.${++begun}`, program))
  }

  async warmUp(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.one()
  }

  async take({ count, workers = 1, restMs = 0 }: Amount): Promise<Timing> {
    const [cpuBefore, begin] = [this.group.usedMs(), performance.now()]
    const times: Times[] = []
    const work = async () => {
      for (let i = 0; i < count; i++) {
        if (restMs > 0) await sleep(restMs)
        times.push(await this.one())
      }
    }
    await Promise.all(Array.from({ length: workers }, work))
    const total = count * workers
    const [launch, whole] = [times.map((time) => time.launch), times.map((time) => time.whole)]
    return {
      launchP50: percentile(launch, 50),
      launchP99: percentile(launch, 99),
      wholeP50: percentile(whole, 50),
      wholeP99: percentile(whole, 99),
      cpuMs: (this.group.usedMs() - cpuBefore) / total,
      perSecond: (total * 1000) / (performance.now() - begin),
    }
  }
}

export type Plan = (id: string, program: readonly string[]) => ContainerPlan

/** A host for containers of one mode; what they and we use of the processor is counted. */
export async function withHost<T>(
  place: Workplace,
  mode: Mode,
  act: (host: Host, plan: Plan, group: CpuGroup) => Promise<T>,
): Promise<T> {
  const group = new CpuGroup('launcher')
  // As usual for an agent: run state in memory, what containers change on a disk.
  const name = `run-${mode.name.replaceAll(' ', '-')}`
  const [runtimeDir, scratchDir] = [join(place.memory, name), join(place.directory, name)]
  const sandbox = join(place.directory, 'sandbox')
  mkdirSync(sandbox, { recursive: true })
  // Counted are the supervisors, which are born where we stand, and what runs below the group.
  group.join(process.pid)
  // Containers alone do not keep a program alive.
  const alive = setInterval(() => {}, 1000)
  const cgroup = group.path.slice(1)
  const host = await openRealHost({ runtimeDir, scratchDir, cgroupsRoot: cgroup })
  try {
    return await act(host, planner(host, mode, sandbox, cgroup), group)
  } finally {
    await host.close()
    clearInterval(alive)
    new CpuGroup('bench').join(process.pid)
    group.remove()
  }
}

export async function launchOnce(host: Host, plan: ContainerPlan): Promise<Times> {
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
