import type { Victim } from './campaign.js'

export interface FaultPoint {
  readonly victim: Exclude<Victim, 'scheduler'>
  readonly name: string
  /** On which pass: the second where the first is the start-up of something else. */
  readonly pass: number
}

const of = (victim: FaultPoint['victim'], pass: number, names: readonly string[]): FaultPoint[] =>
  names.map((name) => ({ victim, name, pass }))

/** In the order in which a task passes them (reliability-security.md §6.2: F2, F3, F8, F9, F13, F16, F18, F19). */
export const TASK_LIFE: readonly string[] = [
  'launch.task.record',
  'launch.task.recorded',
  'launch.before-spawn',
  'launch.after-spawn',
  'launch.cloned',
  'launch.container.record',
  'launch.container.recorded',
  'launch.before-go',
  'launch.started',
  'update.record',
  'update.recorded',
  'update.forward',
  'acknowledgement.record',
  'acknowledgement.recorded',
  'container.ended',
  'container.destroy',
  'run.record',
]

/** Every named point of agent and master at which a kill could lose something (reliability-security.md §6.2). */
export const FAULT_POINTS: readonly FaultPoint[] = [
  ...of('agent', 2, [...TASK_LIFE, 'kill.record', 'kill.recorded', 'kill.signal']),
  ...of('master', 2, ['master.send', 'master.tell', 'master.answer']),
  // Once a subscription.
  ...of('master', 1, ['master.persist', 'registry.write', 'registry.written']),
]
