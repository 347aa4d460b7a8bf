import type { Timing } from './c-tools.js'
import { measureFloor } from './floor.js'
import { byTurns, launches } from './launches.js'
import { bindRoot, everything, hostFiles, type Mode } from './modes.js'
import { measurePeer, missing, type PeerName } from './peers.js'
import { type Measured, measured } from './quiet.js'
import { atMost, type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

const PROGRAM = ['/bin/true']
const RESTS_MS = [5, 20, 50]
/** From then on nothing of the last one is under way any more, with us or in the kernel. */
const AT_REST_MS = 20

/** The launcher alone, without agent and wire: host.start to the end of host.destroy (T1, and T2 without the agent). */
export async function launcher(place: Workplace): Promise<Row[]> {
  const { starts } = place.scale
  const modes = [hostFiles, bindRoot(place.root), everything(place.root)]
  const rows: Row[] = []
  for (const mode of modes) rows.push(...(await besideFloor(place, mode, starts)))
  for (const restMs of RESTS_MS) rows.push(...(await atRest(place, restMs)))
  return [...rows, ...(await besideRuntimes(place))]
}

/** One now and then, on a host that does nothing meanwhile: what was made in advance, and what is removed afterwards, is nobody's wait. */
async function atRest(place: Workplace, restMs: number): Promise<Row[]> {
  const [mode, how] = [everything(place.root), { count: place.scale.starts, restMs }]
  const floor = await measured(place.patience, () => measureFloor(place, mode, PROGRAM, how))
  const ours = await measured(place.patience, () => launches(place, mode, PROGRAM, how))
  const about = `launcher, ${mode.name}, ${restMs} ms after the last`
  const line = (what: string, key: 'launchP50' | 'wholeP50', goal?: Row['goal']): Row =>
    row({ target: 'T1', what: `${about}: ${what}`, unit: 'ms', peer: 'C floor', goal }, pick(ours, key), pick(floor, key))
  const belowFloor = restMs >= AT_REST_MS ? atMost(1) : undefined
  return [line('begin → exec p50', 'launchP50', belowFloor), line('whole life p50', 'wholeP50')]
}

async function besideFloor(place: Workplace, mode: Mode, count: number): Promise<Row[]> {
  const { ours, theirs } = await compare(place, mode, count, (each) => measureFloor(place, mode, PROGRAM, { count: each }))
  const line = (what: string, key: 'launchP50' | 'launchP99' | 'wholeP50' | 'cpuMs', target = '', goal?: Row['goal']): Row =>
    row(
      { target, what: `launcher, ${mode.name}: ${what}`, unit: 'ms', peer: 'C floor', goal },
      pick(ours, key),
      pick(theirs, key),
    )
  return [
    line('begin → exec p50', 'launchP50', 'T1', atMost(1.6)),
    line('begin → exec p99', 'launchP99'),
    line('whole life p50', 'wholeP50'),
    line('CPU', 'cpuMs', 'T2', atMost(1.9)),
  ]
}

/** By turns with somebody else. */
async function compare(
  place: Workplace,
  mode: Mode,
  count: number,
  them: (count: number) => Promise<Timing>,
): Promise<{ ours: Measured<Timing>; theirs: Measured<Timing> }> {
  const { value, others } = await measured(place.patience, () => byTurns(place, mode, PROGRAM, count, them))
  return { ours: { value: value.ours, others }, theirs: { value: value.theirs, others } }
}

const pick = ({ value, others }: Measured<Timing>, key: keyof Timing): Measured<number> => ({ value: value[key] ?? NaN, others })

/** What people would take instead: whole life and CPU. Ours does everything, theirs what they do by default, each with a network of its own. */
async function besideRuntimes(place: Workplace): Promise<Row[]> {
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
    const { ours, theirs } = await compare(place, everything(place.root), count, (each) => measurePeer(name, place, each))
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
