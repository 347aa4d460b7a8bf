/**
 * Answers that a Mesos writes by hand rather than through its mapper: there a list without elements is written, where everywhere else it is
 * left out. Seen in golden/{master,agent}/v1 and golden/streams/master_subscribe.raw.txt.
 */
const WRITTEN_EMPTY: Record<string, readonly string[]> = {
  'mesos.v1.master.Response.GetTasks': ['tasks', 'unreachable_tasks', 'completed_tasks'],
  'mesos.v1.master.Response.GetExecutors': ['executors'],
  'mesos.v1.master.Response.GetFrameworks': ['frameworks', 'completed_frameworks'],
  'mesos.v1.master.Response.GetAgents': ['agents', 'recovered_agents'],
  'mesos.v1.agent.Response.GetFrameworks': ['frameworks', 'completed_frameworks'],
  'mesos.v1.agent.Response.GetExecutors': ['executors', 'completed_executors'],
  'mesos.v1.agent.Response.GetTasks': ['pending_tasks', 'queued_tasks', 'launched_tasks', 'terminated_tasks', 'completed_tasks'],
}

const NONE: ReadonlySet<string> = new Set()

export const listsWrittenEmpty = (message: string): ReadonlySet<string> => {
  const lists = WRITTEN_EMPTY[message]
  return lists ? new Set(lists) : NONE
}
