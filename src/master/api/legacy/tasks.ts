import { executorModel } from '#model/legacy-json/executor.js'
import { taskModel } from '#model/legacy-json/task.js'
import type { ExecutorRecord, TaskRecord } from '../../core/cluster.js'
import { taskMessage } from '../../core/tasks.js'
import { Raw } from './json.js'

/** A task of `/state`, `/tasks` and `/frameworks` (row 3-101). */
export function taskJson(record: TaskRecord): Raw {
  return new Raw(taskModel(taskMessage(record)))
}

/** Row 3-100. */
export function executorJson({ info, resources, framework, agent }: ExecutorRecord): Raw {
  return new Raw(executorModel({ ...info, frameworkId: { value: framework }, resources: resources.toProto() }, agent))
}
