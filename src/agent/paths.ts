import { join } from 'node:path'

/** Where things lie below the work directory. Sandboxes are where Mesos has them (row 5-005); what is under `meta` is ours. */
export const metaDirectory = (work: string): string => join(work, 'meta')
/** Link to the directory of the agent that this work directory belongs to; without it the next start makes a new agent (row 5-010). */
export const latestLink = (work: string): string => join(work, 'meta', 'slaves', 'latest')
export const agentMeta = (work: string, agent: string): string => join(work, 'meta', 'slaves', agent)
export const identityFile = (work: string, agent: string): string => join(agentMeta(work, agent), 'agent.info')
export const journalFile = (work: string, agent: string): string => join(agentMeta(work, agent), 'journal')

/** What containers change in the roots that they have of images, where Mesos keeps it too (row 6-082). */
export const scratchDirectory = (work: string): string => join(work, 'provisioner', 'containers')

export const slavesDirectory = (work: string): string => join(work, 'slaves')
export const sandboxPath = (work: string, agent: string, framework: string, executor: string, container: string): string =>
  join(slavesDirectory(work), agent, 'frameworks', framework, 'executors', executor, 'runs', container)
