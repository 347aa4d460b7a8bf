import { mkdirSync, writeFileSync } from 'node:fs'
import { machine } from './quiet.js'

/** One line of the table: two things measured in the same run, and what their ratio should be. */
export interface Row {
  /** Target of performance.md §7, such as `T4`; empty for figures without a target. */
  target: string
  what: string
  /** Ours, in `unit`. */
  ours: number
  unit: string
  peer: string
  /** The peer's, in the same unit. */
  theirs: number
  /** ours ÷ theirs is compared with it; absent where nothing was promised. */
  goal?: { ratio: number; than: 'at most' | 'at least' }
  /** CPU milliseconds a container or task. */
  cpuMs?: number
  note?: string
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
export const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * p) / 100))] ?? Number.NaN

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3))

function verdict(row: Row): string {
  if (!row.goal) return ''
  const ratio = row.ours / row.theirs
  const met = row.goal.than === 'at most' ? ratio <= row.goal.ratio : ratio >= row.goal.ratio
  return `${row.goal.than} ${row.goal.ratio}: ${met ? 'met' : 'MISSED'}`
}

export function table(rows: readonly Row[]): string {
  const cells = [
    ['target', 'what', 'ours', 'peer', 'theirs', 'ratio', 'goal', 'CPU ms', 'note'],
    ...rows.map((row) => [
      row.target,
      row.what,
      `${figure(row.ours)} ${row.unit}`,
      row.peer,
      `${figure(row.theirs)} ${row.unit}`,
      figure(row.ours / row.theirs),
      verdict(row),
      row.cpuMs === undefined ? '' : figure(row.cpuMs),
      row.note ?? '',
    ]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Writes the figures beside the programs that took them; they are committed. */
export function save(rows: readonly Row[]): string {
  const day = new Date().toISOString().slice(0, 10)
  const file = `test/perf/results/${day}.json`
  mkdirSync('test/perf/results', { recursive: true })
  writeFileSync(file, `${JSON.stringify({ day, machine: machine(), rows }, null, 1)}\n`)
  return file
}
