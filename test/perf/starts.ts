import { join } from 'node:path'
import { AgentImages } from '#sdk/agent.js'
import { type ContainerInfo, ContainerInfoType, ImageType } from '#wire/mesos.js'
import { Cluster } from './cluster.js'
import { measured } from './quiet.js'
import { atMost, median, type Row, row } from './report.js'
import { SampleImages, SMALL } from './sample-images.js'
import type { Workplace } from './workplace.js'

const IN_A_ROW = 20

/** What a container costs that has an image which is here, beside one that has the host's files. */
export async function starts(place: Workplace): Promise<Row[]> {
  const samples = await SampleImages.start(join(place.directory, 'starts'))
  try {
    return await compared(place, samples.image(SMALL).reference)
  } finally {
    await samples.stop()
  }
}

async function compared(place: Workplace, reference: string): Promise<Row[]> {
  const cluster = await Cluster.start(place, 'image-starts')
  try {
    const agent = new AgentImages(cluster.agentUrl)
    await agent.pull({ name: reference })
    await agent.close()
    const image = { type: ImageType.DOCKER, docker: { name: reference } }
    const withImage: ContainerInfo = { type: ContainerInfoType.MESOS, mesos: { image } }
    const both = (count: number) => inTurns(cluster, count, [withImage, undefined])
    await both(place.scale.warmUps)
    const { value, others } = await measured(place.patience, () => both(place.scale.starts))
    const [warm, bare] = value.map((milliseconds) => ({ value: milliseconds, others }))
    const about = { target: 'T9', what: 'task with a warm image, ACCEPT → RUNNING p50', unit: 'ms' }
    return [row({ ...about, peer: 'without an image', goal: atMost(1.3) }, warm!, bare!)]
  } finally {
    await cluster.end()
  }
}

/**
 * So many of each kind, some in a row by turns: a daemon gets faster with every task and a machine is not the same from minute to minute, but each start
 * shall bear what is left to do for the one before it.
 */
async function inTurns(cluster: Cluster, count: number, kinds: readonly (ContainerInfo | undefined)[]): Promise<number[]> {
  const times = kinds.map((): number[] => [])
  for (let done = 0; done < count; done += IN_A_ROW) {
    for (const [kind, container] of kinds.entries())
      for (let i = done; i < Math.min(count, done + IN_A_ROW); i++) times[kind]!.push(await untilRunning(cluster, container))
  }
  return times.map(median)
}

async function untilRunning(cluster: Cluster, container: ContainerInfo | undefined): Promise<number> {
  const ids = await cluster.scheduler.launch(1, { shell: true, value: 'true' }, container)
  const [time] = await cluster.scheduler.reached(ids, 'ended')
  return time!.running! - time!.accepted
}
