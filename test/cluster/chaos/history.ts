import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { TaskState } from '#wire/mesos.js'

/** What the scheduler writes before it acts; it survives its own kill -9, and the judge reads it afterwards. Times in milliseconds. */
export type Entry =
  | { kind: 'framework'; id: string; at: number }
  | { kind: 'launch'; task: string; agent: string; at: number }
  | {
      kind: 'update'
      task: string
      state: TaskState
      uuid: string | undefined
      reason: number | undefined
      message: string | undefined
      at: number
    }
  | { kind: 'drained'; at: number }

export function record(file: string, entry: Entry): void {
  appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

/** Whole lines only: the last one may have been cut by a kill. */
export function readHistory(file: string): Entry[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as Entry]
    } catch {
      return []
    }
  })
}
