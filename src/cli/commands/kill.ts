import { Command } from 'commander'
import { isTerminal, taskStateName } from '#model/task-state.js'
import type { MasterOperator } from '#sdk/operator.js'
import { Scheduler } from '#sdk/scheduler.js'
import { CallType, type ResponseGetFrameworks } from '#wire/master.js'
import type { FrameworkInfo, Task, TaskStatus } from '#wire/mesos.js'
import { readFrameworks, readTasks, selectTask } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { CliErrors } from '../errors.js'
import { RUN_LABEL } from '../run/one-task.js'
import { select } from '../select.js'
import { type ConnectedOptions, connected, examples } from './shared-options.js'

/** Longer than any sensible kill policy. */
const PATIENCE_SECONDS = 60

export function killCommand(context: CliContext): Command {
  return connected(new Command('kill'))
    .summary('end tasks of `meseta run`, or a whole framework')
    .description(
      'Ends tasks that `meseta run` started, and waits until they have ended. A task of another framework can only be ended by that framework; --framework ends it altogether, with all of its tasks.',
    )
    .argument('[task...]', 'ids of tasks, or beginnings of them')
    .option('--framework <id>', 'end this framework and all of its tasks')
    .addHelpText('after', examples(['meseta kill web', ''], ['meseta kill --framework 0003', 'the end of an id is enough']))
    .action(async (wanted: string[], options: ConnectedOptions & { framework?: string }) => {
      if ((wanted.length === 0) === (options.framework === undefined)) throw CliErrors.CHOOSE_TASK_OR_FRAMEWORK({})
      const url = masterUrl(options.master, context.env)
      await withMaster(url, async (master) => {
        if (options.framework !== undefined) return tearDown(master, options.framework, context)
        const [tasks, frameworks] = [await readTasks(master), await readFrameworks(master)]
        // All or none: a name that is wrong is found before anything ends.
        const chosen = wanted.map((one) => killable(selectTask(tasks, one), frameworks))
        for (const { task, framework } of chosen) {
          const state = taskStateName((await kill(url, task, framework)).state)
          context.stdout.write(`${task.taskId.value} ${state}\n`)
        }
      })
    })
}

async function tearDown(master: MasterOperator, wanted: string, context: CliContext): Promise<void> {
  const { frameworks = [] } = await readFrameworks(master)
  const chosen = select(
    'framework',
    frameworks,
    ({ frameworkInfo }) => frameworkInfo.id?.value ?? '',
    wanted,
    'meseta frameworks',
  )
  const frameworkId = chosen.frameworkInfo.id!
  await master.call({ type: CallType.TEARDOWN, teardown: { frameworkId } })
  context.stdout.write(`${frameworkId.value} ended\n`)
}

function killable(task: Task, { frameworks = [] }: ResponseGetFrameworks): { task: Task; framework: FrameworkInfo } {
  const id = task.taskId.value
  if (isTerminal(task.state)) throw CliErrors.TASK_ENDED({ task: id, state: taskStateName(task.state) })
  const framework = frameworks.find(({ frameworkInfo }) => frameworkInfo.id?.value === task.frameworkId.value)?.frameworkInfo
  const ours = framework?.labels?.labels?.some(({ key }) => key === RUN_LABEL)
  if (!framework || !ours)
    throw CliErrors.NOT_OUR_TASK({ task: id, framework: task.frameworkId.value, name: framework?.name ?? 'gone' })
  return { task, framework }
}

/** Takes the framework of that run over, and ends its only task as its scheduler would; docs/design/killing-tasks.md says why. */
async function kill(master: string, task: Task, framework: FrameworkInfo): Promise<TaskStatus> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      scheduler.stop()
      settle()
    }
    const refuse = (why: unknown): void => finish(() => reject(why))
    const timer = setTimeout(
      () => refuse(CliErrors.NOT_KILLED({ task: task.taskId.value, seconds: PATIENCE_SECONDS })),
      PATIENCE_SECONDS * 1000,
    )
    const scheduler: Scheduler = new Scheduler(
      { master, framework },
      {
        subscribed: () => void scheduler.kill(task.taskId.value).catch(refuse),
        update: async (status) => {
          if (status.taskId.value !== task.taskId.value || !isTerminal(status.state)) return
          await scheduler.acknowledge(status).catch(() => {})
          await scheduler.teardown().catch(() => {})
          finish(() => resolve(status))
        },
        ended: refuse,
      },
    )
    scheduler.start()
  })
}
