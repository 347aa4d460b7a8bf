import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '#base/random.js'
import { until } from '../../support/waiting.js'
import { Campaign, type Victim } from './campaign.js'

export interface Plan {
  /** How often each of agent, master and scheduler is killed. */
  readonly rounds: number
  readonly longTasks: number
  /** Longest pause between two kills, in milliseconds. */
  readonly pause: number
  readonly seed: number
  readonly say?: (line: string) => void
}

/**
 * Kills agent, master and scheduler in random order at random moments while long tasks run and short ones come and go; then sees to it that every
 * task lives, ends them all, and judges (issue point 7). Answers what was violated.
 */
export async function massacre({ rounds, longTasks, pause, seed, say = () => {} }: Plan): Promise<string[]> {
  const random = new Random(seed)
  return Campaign.run({ long: longTasks, short: rounds * 6 }, async (campaign) => {
    await campaign.allRun()
    say(`${longTasks} tasks run`)
    const victims = random.shuffle(Array.from({ length: rounds }, (): Victim[] => ['agent', 'master', 'scheduler']).flat())
    for (const [index, victim] of victims.entries()) {
      await sleep(random.next() * pause)
      await campaign.kill(victim)
      campaign.start(victim)
      say(`${index + 1} of ${victims.length}: ${victim} killed`)
    }
    // I1, I3: all that is said to run runs, as soon as everybody is back.
    const alive = await until(() => campaign.judge.running().length >= longTasks && campaign.judge.dead().length === 0, 30, 0.5)
    const dead = alive ? [] : campaign.judge.dead().map((task) => `I3: ${task} does not run any more, and nobody said so`)
    say('draining')
    await campaign.drain()
    await campaign.nothingLeft()
    return [...dead, ...campaign.judge.violations()]
  })
}
