import { join } from 'node:path'
import { CpuGroup } from './cpu-group.js'
import { FreshDisk } from './fresh-disk.js'
import { OurPuller } from './our-puller.js'
import { lacks, PULLERS, type Puller, UNPACKERS } from './pullers.js'
import { type Measured, measured } from './quiet.js'
import { atMost, median, type Row, recorded, row } from './report.js'
import { type Recipe, type SampleImage, SampleImages, SMALL } from './sample-images.js'
import type { Workplace } from './workplace.js'

/** Of the memory that a pull may take (issue 5, point 9). */
const MOST_MIB = 128

interface Brought {
  readonly ms: number
  readonly cpuMs: number
  /** The same again: everything is here. */
  readonly warmMs: number
  /** Ours only: the most that the agent had, and what it had before. */
  readonly peakMib?: number
  readonly beforeMib?: number
}

/** Images brought from a registry (T9) and from a layout (T10), each time to a file system that was made for it. */
export async function images(place: Workplace): Promise<Row[]> {
  const samples = await SampleImages.start(join(place.directory, 'images'))
  try {
    const small = samples.image(SMALL)
    const rows: Row[] = []
    for (const recipe of place.scale.images) {
      const image = samples.image(recipe)
      rows.push(...(await fromRegistry(place, image, small)), ...(await fromLayout(place, image, small)))
    }
    return rows
  } finally {
    await samples.stop()
  }
}

const GOALS: Readonly<Record<string, number>> = {
  'docker pull': 0.4,
  'ctr images pull': 0.4,
  'curl | igzip | sha256sum | tar, each layer': 1.7,
  'umoci unpack': 0.25,
  'igzip | sha256sum | tar, each layer': 1.4,
}

async function fromRegistry(place: Workplace, image: SampleImage, small: SampleImage): Promise<Row[]> {
  const ours = await ofMany(place, (disk, group) => byUs(disk, group, image.reference, small))
  const about = `pull, ${words(image.recipe)}`
  const rows = await beside(place, image, PULLERS, { target: 'T9', what: about }, ours)
  const peak = { value: ours.value.peakMib!, others: ours.others }
  const grown = { value: peak.value - ours.value.beforeMib!, others: ours.others }
  const memory = { target: 'T9', unit: 'MiB' }
  return [
    ...rows,
    row({ ...memory, what: `${about}: the agent's peak`, peer: 'goal', goal: atMost(1) }, peak, recorded(MOST_MIB)),
    row(
      { ...memory, what: `${about}: the agent's peak over what it had`, peer: 'goal', goal: atMost(1) },
      grown,
      recorded(MOST_MIB),
    ),
  ]
}

async function fromLayout(place: Workplace, image: SampleImage, small: SampleImage): Promise<Row[]> {
  const ours = await ofMany(place, (disk, group) => byUs(disk, group, image.layout, small))
  return beside(place, image, UNPACKERS, { target: 'T10', what: `unpack, ${words(image.recipe)}` }, ours)
}

const words = ({ layers, files, bytes }: Recipe): string =>
  `${layers} layers, ${files} files, ${Math.round(bytes / 1024 ** 2)} MiB`

/** Ours beside each peer that is here; the others are named. */
async function beside(
  place: Workplace,
  image: SampleImage,
  peers: readonly Puller[],
  about: { target: string; what: string },
  ours: Measured<Brought>,
): Promise<Row[]> {
  const rows: Row[] = []
  const figure = ({ value, others }: Measured<Brought>, which: 'ms' | 'warmMs') => ({ value: value[which] / 1000, others })
  for (const peer of peers) {
    const missing = lacks(peer)
    if (missing) {
      console.log(`  without ${peer.name}: no ${missing} here`)
      continue
    }
    const theirs = await ofMany(place, (disk, group) => byPeer(peer, disk, group, image))
    const goal = GOALS[peer.name]
    rows.push(
      row(
        { ...about, unit: 's', peer: peer.name, cpuMs: ours.value.cpuMs, goal: goal === undefined ? undefined : atMost(goal) },
        figure(ours, 'ms'),
        figure(theirs, 'ms'),
      ),
    )
    if (Number.isFinite(theirs.value.warmMs)) {
      const again = { ...about, target: '', what: `${about.what}, again`, unit: 's', peer: peer.name }
      rows.push(row(again, figure(ours, 'warmMs'), figure(theirs, 'warmMs')))
    }
  }
  return rows
}

/** The one in the middle of several, by its time. */
async function ofMany(place: Workplace, bring: (disk: string, group: CpuGroup) => Promise<Brought>): Promise<Measured<Brought>> {
  return measured(place.patience, async () => {
    const all: Brought[] = []
    for (let i = 0; i < place.scale.pulls; i++) all.push(await onFreshDisk(place, bring))
    const middle = median(all.map(({ ms }) => ms))
    return all.find(({ ms }) => ms === middle)!
  })
}

async function onFreshDisk(place: Workplace, bring: (disk: string, group: CpuGroup) => Promise<Brought>): Promise<Brought> {
  const disk = new FreshDisk(place.directory, 'pull')
  const group = new CpuGroup('pull')
  try {
    return await bring(disk.path, group)
  } finally {
    disk.remove()
    group.remove()
  }
}

async function byUs(disk: string, group: CpuGroup, name: string, small: SampleImage): Promise<Brought> {
  const agent = await OurPuller.start(disk, group)
  try {
    // An agent runs for months: its code has been compiled.
    await agent.pull(small.reference)
    const beforeMib = agent.residentMib()
    agent.forgetPeak()
    const cold = await timed(group, () => agent.pull(name))
    const peakMib = agent.peakMib()
    const warm = await timed(group, () => agent.pull(name))
    return { ...cold, warmMs: warm.ms, peakMib, beforeMib }
  } finally {
    await agent.stop()
  }
}

async function byPeer(peer: Puller, disk: string, group: CpuGroup, image: SampleImage): Promise<Brought> {
  const prepared = await peer.prepare(disk, image, group)
  try {
    const cold = await timed(group, prepared.pull)
    const warm = peer.repeatable ? await timed(group, prepared.pull) : undefined
    return { ...cold, warmMs: warm?.ms ?? Number.NaN }
  } finally {
    await prepared.stop()
  }
}

async function timed(group: CpuGroup, work: () => Promise<void>): Promise<{ ms: number; cpuMs: number }> {
  const [begun, used] = [performance.now(), group.usedMs()]
  await work()
  return { ms: performance.now() - begun, cpuMs: group.usedMs() - used }
}
