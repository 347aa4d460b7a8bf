import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UpOptions } from '#cli/context.js'
import { removeEmptyCgroupRoot } from '#host/cgroup-root.js'
import { readFacts } from '#host/facts.js'
import { cannotListen } from '#http/listening.js'
import { type MasterOperator, masterOperator } from '#sdk/operator.js'
import { CallType } from '#wire/master.js'
import { DaemonProcess } from './daemon-process.js'
import { closedParent, type DataDirectory, dataDirectory, prepare, writeAddresses } from './data-directory.js'
import { BinErrors } from './errors.js'
import { type Surroundings, signalled } from './process.js'

const PATIENCE_SECONDS = 60
const POLL = 50

/** A master and an agent on this machine, kept alive until Ctrl-C. Tasks outlive both. */
export async function runUp(options: UpOptions, surroundings: Surroundings): Promise<number> {
  const data = dataDirectory(options.dataDirectory, surroundings.env)
  const { ip } = options
  const port = await usablePort(ip, options.port, '--port')
  const agentPort = await usablePort(ip, options.agentPort, '--agent-port')
  await prepare(data)
  const url = `http://${ip}:${port}`
  const daemon = (name: 'master' | 'agent', flags: readonly string[]): DaemonProcess =>
    new DaemonProcess({
      name,
      script: surroundings.script,
      argv: [name, ...flags],
      logFile: join(data.logs, `${name}.log`),
      env: surroundings.env,
      say: (text) => surroundings.complain(`meseta: ${text}\n`),
    })
  const master = daemon('master', [
    `--ip=${ip}`,
    `--port=${port}`,
    `--work_dir=${data.master}`,
    `--external_log_file=${join(data.logs, 'master.log')}`,
    ...options.masterFlags,
  ])
  const agent = daemon('agent', [
    `--master=${ip}:${port}`,
    `--ip=${ip}`,
    `--port=${agentPort}`,
    `--work_dir=${data.agent}`,
    `--runtime_dir=${data.runtime}`,
    `--cgroups_root=${data.cgroups}`,
    ...(options.resources === undefined ? [] : [`--resources=${options.resources}`]),
    ...options.agentFlags,
  ])
  const operator = masterOperator(url)
  // Before anything runs: a signal that comes early must not leave daemons behind.
  const end = signalled('SIGINT', 'SIGTERM')
  try {
    const early = await Promise.race([end, bringUp({ master, agent, operator, data })])
    if (early) return 130
    await writeAddresses(data, { ip, port, agentPort })
    surroundings.say(await welcome(data, url, `http://${ip}:${agentPort}`, options, surroundings))
    await end
    surroundings.say('\nStopping the daemons…\n')
    const running = await countTasks(operator)
    await agent.stop()
    await master.stop()
    await removeEmptyCgroupRoot(await readFacts(data.runtime), data.cgroups)
    surroundings.say(farewell(running, options, surroundings))
    return 0
  } finally {
    await Promise.all([agent.stop(), master.stop()])
    await operator.close()
  }
}

interface Parts {
  master: DaemonProcess
  agent: DaemonProcess
  operator: MasterOperator
  data: DataDirectory
}

async function bringUp({ master, agent, operator, data }: Parts): Promise<undefined> {
  const log = (name: string): string => join(data.logs, `${name}.log`)
  master.start()
  await isUp(master, 'master', 'the master does not answer', log('master'), async () =>
    Boolean(await operator.call({ type: CallType.GET_HEALTH })),
  )
  master.trust()
  agent.start()
  await isUp(agent, 'agent', 'the agent did not register', log('agent'), async () => {
    const agents = await operator.call({ type: CallType.GET_AGENTS })
    return (agents?.getAgents?.agents ?? []).some(({ active }) => active)
  })
  agent.trust()
  return undefined
}

async function isUp(
  daemon: DaemonProcess,
  name: string,
  otherwise: string,
  log: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  let ended: string | undefined
  void daemon.failure.then((how) => {
    ended = how
  })
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; Date.now() < deadline; await sleep(POLL)) {
    if (ended !== undefined) throw BinErrors.DAEMON_FAILED({ name, how: ended, log, tail: await daemon.tail() })
    if (await condition().catch(() => false)) return
  }
  throw BinErrors.NOT_UP_IN_TIME({ what: otherwise, seconds: PATIENCE_SECONDS, log, tail: await daemon.tail() })
}

async function countTasks(operator: MasterOperator): Promise<number> {
  const tasks = await operator.call({ type: CallType.GET_TASKS }).catch(() => undefined)
  return tasks?.getTasks?.tasks?.length ?? 0
}

/** Where the cluster answers and what to try first. */
async function welcome(
  data: DataDirectory,
  url: string,
  agentUrl: string,
  options: UpOptions,
  { command }: Surroundings,
): Promise<string> {
  const master = options.port === 5050 && options.ip === '127.0.0.1' ? '' : ` --master ${url}`
  const closed = await closedParent(data)
  const warnings = [
    process.getuid?.() === 0
      ? ''
      : 'Without root: tasks run as you, with the posix launcher: no namespaces, no cgroup limits, no other users.\n',
    closed === undefined
      ? ''
      : `Other users cannot pass ${closed}: tasks of users other than yours cannot reach their sandboxes.\n`,
  ]
  return `
The cluster is up.
  Master  ${url}
  Agent   ${agentUrl}
  Data    ${data.root} (logs in ${data.logs})

Try:  ${command} run${master} -- echo hello
See:  ${command} --help

${warnings.join('')}Ctrl-C stops the daemons; tasks go on.
`
}

function farewell(running: number, options: UpOptions, { command }: Surroundings): string {
  const directory = options.dataDirectory === undefined ? '' : ` --data-dir ${options.dataDirectory}`
  if (running === 0) return 'Stopped. No task is left.\n'
  return `Stopped. ${running === 1 ? '1 task goes' : `${running} tasks go`} on without the daemons.
  To have ${running === 1 ? 'it' : 'them'} back:  ${command} up${directory}
  To end ${running === 1 ? 'it' : 'them'}:        ${command} down${directory}
`
}

/** That port, or for 0 a free one. Found out before anything starts: who answers on a port that is taken would be mistaken for our daemon. */
function usablePort(ip: string, port: number, option: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error) => reject(cannotListen({ ip, port }, error, option)))
    server.listen(port, ip, () => {
      const address = server.address() as { port: number }
      server.close(() => resolve(address.port))
    })
  })
}
