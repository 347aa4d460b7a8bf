import { join } from 'node:path'

/**
 * What a task of the campaign does: it leaves a file of its own that says when it began, that it lives, and how it ended. `run` is drawn by the task
 * itself, so that two runs of one task can be told apart whatever the cluster says.
 */
export function markingCommand(directory: string, id: string, after: { exit: number } | 'forever'): string {
  const file = join(directory, id)
  const rest =
    after === 'forever'
      ? `while :; do read up rest < /proc/uptime; echo "beat $run $up" >> ${file}; sleep 1; done`
      : `echo "end $run" >> ${file}; exit ${after.exit}`
  return [
    'read run < /proc/sys/kernel/random/uuid',
    `echo "start $run" >> ${file}`,
    `trap 'echo "end $run" >> ${file}; exit 0' TERM`,
    rest,
  ].join('\n')
}
