import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { promisify } from 'node:util'
import { until } from '../../support/waiting.js'

/** On the disk that survives the machine. */
const DATA = '/data/meseta'
const MASTER = 'http://127.0.0.1:5050'
const PATIENCE = 120

const run = promisify(execFile)

export interface Task {
  readonly id: string
  readonly state: string
  readonly statuses: readonly { readonly state: string; readonly message?: string }[]
}

interface State {
  readonly slaves: readonly { readonly id: string; readonly active: boolean }[]
  readonly frameworks: readonly { readonly tasks: readonly Task[]; readonly completed_tasks: readonly Task[] }[]
}

/** `meseta up` as a user would start it, by the built program. */
export function startCluster(): ChildProcess {
  const log = openSync('/data/up.log', 'a')
  return spawn(process.execPath, ['dist/bin/meseta.js', 'up', '--data-dir', DATA], { stdio: ['ignore', log, log] })
}

export async function meseta(...args: string[]): Promise<string> {
  return (await run(process.execPath, ['dist/bin/meseta.js', ...args])).stdout
}

/** The id of the agent once it is there. */
export async function agentId(): Promise<string> {
  return wait('an agent', async () => (await state()).slaves.find(({ active }) => active)?.id)
}

/** A task, once the condition holds. */
export function task(id: string, fits: (task: Task) => boolean): Promise<Task> {
  return wait(`task ${id}`, async () => {
    const all = (await state()).frameworks.flatMap(({ tasks, completed_tasks }) => [...tasks, ...completed_tasks])
    return all.find((one) => one.id === id && fits(one))
  })
}

async function state(): Promise<State> {
  return (await fetch(`${MASTER}/state`)).json() as Promise<State>
}

export async function wait<T>(what: string, condition: () => Promise<T | undefined>): Promise<T> {
  const value = await until(condition, PATIENCE)
  if (value === undefined) throw new Error(`waited for ${what} in vain`)
  return value
}
