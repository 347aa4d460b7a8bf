import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canFollow, isTerminal, taskStateName } from '#model/task-state.js'
import { TaskState } from '#wire/mesos.js'
import { type Entry, readHistory } from './history.js'

/** What one task's own file says. */
interface Marks {
  readonly runs: ReadonlySet<string>
  readonly ended: boolean
  /** Seconds since boot of the last sign of life. */
  readonly lastBeat: number | undefined
}

type Update = Extract<Entry, { kind: 'update' }>

/** Longer without a beat is dead; tasks beat once a second, and the machine may be busy. */
const SILENCE_SECONDS = 8

function marksOf(directory: string, task: string): Marks {
  const file = join(directory, task)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const words = lines.map((line) => line.split(' '))
  const beats = words.filter(([kind]) => kind === 'beat').map(([, , uptime]) => Number(uptime))
  return {
    runs: new Set(words.filter(([kind]) => kind === 'start').map(([, run]) => run!)),
    ended: words.some(([kind]) => kind === 'end'),
    lastBeat: beats.at(-1),
  }
}

const uptime = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])

/** Judges a campaign from outside: by the scheduler's history and by what the tasks themselves wrote (reliability-security.md §6.1). */
export class Judge {
  private readonly history: string
  private readonly marks: string

  constructor(files: { history: string; marks: string }) {
    this.history = files.history
    this.marks = files.marks
  }

  launched(): string[] {
    return readHistory(this.history).flatMap((entry) => (entry.kind === 'launch' ? [entry.task] : []))
  }

  private updates(): Map<string, Update[]> {
    const byTask = new Map<string, Update[]>(this.launched().map((task) => [task, []]))
    for (const entry of readHistory(this.history)) if (entry.kind === 'update') byTask.get(entry.task)?.push(entry)
    return byTask
  }

  get drained(): boolean {
    return readHistory(this.history).some(({ kind }) => kind === 'drained')
  }

  /** Tasks whose end was not told, with what was told last. */
  open(): string[] {
    return [...this.updates()]
      .filter(([, updates]) => !updates.some(isEnd))
      .map(([task, updates]) => `${task} ${updates.length === 0 ? 'untold' : taskStateName(updates.at(-1)!.state)}`)
  }

  running(): string[] {
    return [...this.updates()].filter(([, updates]) => updates.some(isRunning) && !updates.some(isEnd)).map(([task]) => task)
  }

  /** I1, I3: whatever was said to run and not to have ended does run. */
  dead(): string[] {
    const now = uptime()
    return this.running().filter((task) => {
      const { lastBeat } = marksOf(this.marks, task)
      return lastBeat === undefined || now - lastBeat > SILENCE_SECONDS
    })
  }

  /** I1, I2, I5, I6 over the whole history; empty when every promise was kept. */
  violations(): string[] {
    return [...this.updates()].flatMap(([task, updates]) => [...this.ofRuns(task, updates), ...ofUpdates(task, updates)])
  }

  private ofRuns(task: string, updates: readonly Update[]): string[] {
    const { runs } = marksOf(this.marks, task)
    const twice = runs.size > 1 ? [`I2: ${task} ran ${runs.size} times`] : []
    // One that was ended at once may not have come to its first line.
    const cut = updates.some(({ state }) => state === TaskState.TASK_FAILED || state === TaskState.TASK_KILLED)
    const never = updates.some(isRunning) && runs.size === 0 && !cut ? [`I1: ${task} never ran, but TASK_RUNNING was told`] : []
    return [...twice, ...never]
  }
}

const isRunning = ({ state }: Update): boolean => state === TaskState.TASK_RUNNING
const isEnd = ({ state }: Update): boolean => isTerminal(state)

function ofUpdates(task: string, updates: readonly Update[]): string[] {
  const once = [...new Map(updates.filter(({ uuid }) => uuid !== undefined).map((update) => [update.uuid, update])).values()]
  const ends = once.filter(isEnd)
  const found =
    ends.length > 1 ? [`I5: ${task} ended ${ends.length} times: ${ends.map(({ state }) => taskStateName(state)).join(', ')}`] : []
  for (const [index, update] of once.entries()) {
    const before = once[index - 1]
    if (before && !isEnd(before) && !canFollow(before.state, update.state))
      found.push(`I6: ${task}: ${taskStateName(update.state)} came after ${taskStateName(before.state)}`)
  }
  return found
}
