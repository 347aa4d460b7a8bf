// Runs one task through mesos-framework's scheduler and says on stdout, one JSON object a line, what the library tells it.
// usage: mesos-framework.mjs MASTER-PORT LOG-DIRECTORY COMMAND
import { createRequire } from 'node:module'

const { Mesos, Scheduler } = createRequire(import.meta.url)('mesos-framework')
const { CommandInfo } = Mesos.getMesos()
const [port, directory, command] = process.argv.slice(2)
const tell = (event, more) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`)

const scheduler = new Scheduler({
  masterUrl: '127.0.0.1',
  port,
  frameworkName: 'errand',
  masterConnectionTimeout: 60,
  frameworkFailoverTimeout: 1,
  logging: { path: directory, fileName: 'mesos-framework.log', level: 'error' },
  // Nothing is started again: what fails shall be seen.
  restartStates: ['TASK_NONE'],
  tasks: {
    errand: {
      priority: 1,
      instances: 1,
      commandInfo: new CommandInfo(null, null, true, command, null, null),
      resources: { cpus: 0.1, mem: 32, ports: 2, disk: 0 },
    },
  },
})

const TERMINAL = ['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST']

// The end of its own stream after TEARDOWN is an error to the library.
let ending = false
scheduler.on('ready', () => scheduler.subscribe())
scheduler.on('subscribed', ({ frameworkId }) => tell('subscribed', { frameworkId }))
scheduler.on('sent_accept', () => tell('accepted'))
scheduler.on('error', (error) => ending || tell('error', { text: String(error.message ?? error) }))
scheduler.on('update', ({ status }) => {
  tell('update', { task: status.task_id.value, state: status.state })
  if (!TERMINAL.includes(status.state)) return
  ending = true
  scheduler.teardown()
})
scheduler.on('sent_teardown', () => {
  tell('torn down')
  process.exit(0)
})
