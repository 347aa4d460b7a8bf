import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { launches } from './launches.js'
import { everything } from './modes.js'
import { measured } from './quiet.js'
import { atMost, type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

/** Starts on a host whose processors all have other work, beside starts on a quiet one (T8). */
export async function busy(place: Workplace): Promise<Row[]> {
  const run = () => launches(place, everything(place.root), ['/bin/true'], { count: place.scale.starts })
  const quiet = await measured(place.patience, run)
  const workers = Array.from({ length: availableParallelism() }, () =>
    spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
  )
  try {
    const loaded = { value: await run(), others: quiet.others }
    const line = (what: string, key: 'launchP50' | 'wholeP50', target: string): Row =>
      row(
        { target, what: `${what}, busy host`, unit: 'ms', peer: 'the same, quiet', ...(target && { goal: atMost(2) }) },
        { value: loaded.value[key] ?? Number.NaN, others: loaded.others },
        { value: quiet.value[key] ?? Number.NaN, others: quiet.others },
      )
    return [line('begin → exec p50', 'launchP50', 'T8'), line('whole life p50', 'wholeP50', '')]
  } finally {
    await Promise.all(workers.map(end))
  }
}

async function end(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL')
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit')
}
