import { expect, test } from 'vitest'
import { LAUNCHER_FAULTS } from '../../support/launcher-faults.js'
import { until } from '../../support/waiting.js'
import { Campaign } from './campaign.js'
import { FAULT_POINTS, type FaultPoint } from './fault-points.js'

/** Comes back with the fault armed, and dies there; tasks are started, killed and end all the time. */
async function dieAt(campaign: Campaign, { victim, name, pass }: FaultPoint): Promise<string[]> {
  await campaign.kill(victim)
  // The one that writes to the registry only does so when somebody subscribes.
  if (victim === 'master') await campaign.kill('scheduler')
  campaign.start(victim, `${name}:kill:${pass}`)
  if (victim === 'master') campaign.start('scheduler')
  return (await until(() => campaign.hasDied(victim), 30)) ? [] : [`${name} was not passed`]
}

/** Ends all tasks; answers what was violated on the way. */
async function settle(campaign: Campaign): Promise<string[]> {
  await campaign.drain()
  await campaign.nothingLeft()
  return campaign.judge.violations()
}

test('agent and master, killed at every named point in turn, lose nothing and leave nothing', async () => {
  await Campaign.run({ long: 5, short: 100_000 }, async (campaign) => {
    await campaign.allRun()
    const missed: string[] = []
    for (const point of FAULT_POINTS) {
      missed.push(...(await dieAt(campaign, point)))
      campaign.start(point.victim)
    }
    expect(missed).toEqual([])
    expect(await settle(campaign)).toEqual([])
  })
}, 400_000)

test('a launcher, killed at every named point in turn, takes only its own container with it', async () => {
  await Campaign.run({ long: 5, short: 100_000 }, async (campaign) => {
    await campaign.allRun()
    for (const name of LAUNCHER_FAULTS) {
      await campaign.kill('agent')
      campaign.start('agent', `${name}:kill:2`)
      const launched = campaign.judge.launched().length
      expect(await until(() => campaign.judge.launched().length > launched + 4, 30)).toBe(true)
      expect(campaign.hasDied('agent')).toBe(false)
    }
    expect(await settle(campaign)).toEqual([])
  })
}, 400_000)
