import { measureFloor } from './floor.js'
import { launches } from './launches.js'
import { everything } from './modes.js'
import { measurePeer, missing, type PeerName } from './peers.js'
import { measured } from './quiet.js'
import { type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

const WORKERS = [1, 2, 4, 8]
const PEERS: readonly PeerName[] = ['runc', 'crun', 'bwrap']

/** Whole lives a second, so many at a time. One agent stands against as many processes of each peer. */
export async function parallel(place: Workplace): Promise<Row[]> {
  const mode = everything(place.root)
  const rows: Row[] = []
  for (const workers of WORKERS) {
    const count = Math.max(1, Math.ceil(place.scale.starts / workers))
    const ours = await measured(place.patience, () => launches(place, mode, ['/bin/true'], { count, workers }))
    const line = (peer: string, perSecond: number, others: number): Row =>
      row(
        { target: 'T1', what: `whole lives, ${workers} at a time`, unit: '/s', peer, cpuMs: ours.value.cpuMs },
        { value: ours.value.perSecond, others: ours.others },
        { value: perSecond, others },
      )
    const floor = await measured(place.patience, () => measureFloor(place, mode, ['/bin/true'], { count, workers }))
    rows.push(line('C floor', floor.value.perSecond, floor.others))
    for (const name of PEERS) {
      if (missing(name)) continue
      const theirs = await measured(place.patience, () => measurePeer(name, place, count, workers))
      rows.push(line(name, theirs.value.perSecond, theirs.others))
    }
  }
  return rows
}
