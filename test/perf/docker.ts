import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { until } from '../support/waiting.js'
import { CpuGroup } from './cpu-group.js'

const run = promisify(execFile)

const IMAGE = 'bench:1'
const STARTUP_SECONDS = 30

/** A dockerd of our own, without network and iptables, with one image. */
export interface DockerDaemon {
  /** Counts the daemon and its containers. */
  readonly group: CpuGroup
  /** A command of the client that runs `program` in a new container. */
  command(options: readonly string[], program: readonly string[]): string[]
  /** Pids of the daemon, its containerd and the shims, but not of what runs in containers. */
  processes(): number[]
  removeContainers(): Promise<void>
  /** Ends it, its containers and its mounts. */
  stop(): Promise<void>
}

export async function startDocker(directory: string, root: string): Promise<DockerDaemon> {
  mkdirSync(directory, { recursive: true })
  const socket = `${directory}/docker.sock`
  const client = ['docker', '-H', `unix://${socket}`]
  const group = new CpuGroup('dockerd')
  const flags = [
    '--iptables=false',
    '--bridge=none',
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
    '--data-root',
    `${directory}/data`,
  ]
  const argv = group.wrap(['dockerd', ...flags, '--exec-root', `${directory}/exec`, '-H', client[2]!, '-p', `${directory}/pid`])
  const daemon = spawn(argv[0]!, argv.slice(1), { stdio: 'ignore' })
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  await until(() => existsSync(socket), STARTUP_SECONDS)
  execFileSync('/bin/sh', ['-c', `tar -C ${root} -c . | docker -H ${client[2]} import - ${IMAGE}`], { stdio: 'ignore' })

  const removeContainers = async (): Promise<void> => {
    const { stdout } = await run(client[0]!, [...client.slice(1), 'ps', '-aq'])
    const containers = stdout.split('\n').filter(Boolean)
    if (containers.length > 0) await run(client[0]!, [...client.slice(1), 'rm', '-f', ...containers])
  }

  return {
    group,
    command: (options, program) => [
      ...client,
      'run',
      '--network=none',
      `--cgroup-parent=${group.path}`,
      '--memory=64m',
      ...options,
      IMAGE,
      ...program,
    ],
    processes: () => group.members(),
    removeContainers,
    async stop() {
      await removeContainers()
      daemon.kill('SIGTERM')
      await ended
      group.remove()
    },
  }
}
