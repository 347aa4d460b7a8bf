import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Measured, machine } from './quiet.js'

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
  /** Cores that others kept busy while ours, or the peer, was measured. */
  others: number
  /** ours ÷ theirs of every round, the smallest first, if there was more than one; the other figures are those of the middle one. */
  ratios?: readonly number[]
}

export const atMost = (ratio: number): NonNullable<Row['goal']> => ({ ratio, than: 'at most' })
export const atLeast = (ratio: number): NonNullable<Row['goal']> => ({ ratio, than: 'at least' })

/** A figure that was recorded elsewhere and stands in for a peer that is not here. */
export const recorded = (value: number): Measured<number> => ({ value, others: 0 })

type About = Pick<Row, 'target' | 'what' | 'unit' | 'peer'> & { goal?: Row['goal'] | undefined; cpuMs?: number | undefined }

export function row({ goal, cpuMs, ...about }: About, ours: Measured<number>, theirs: Measured<number>): Row {
  return {
    ...about,
    ours: ours.value,
    theirs: theirs.value,
    others: Math.max(ours.others, theirs.others),
    ...(goal && { goal }),
    ...(cpuMs !== undefined && { cpuMs }),
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
export const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * p) / 100))] ?? Number.NaN

const ratio = (row: Row): number => row.ours / row.theirs

/** Of several rounds of the same suites: each row as it was in the round whose ratio is the middle one. */
export function middle(rounds: readonly (readonly Row[])[]): Row[] {
  const [first = [], ...more] = rounds
  if (more.length === 0) return [...first]
  return first.map((_, index) => {
    const sorted = rounds.map((rows) => rows[index]!).sort((a, b) => ratio(a) - ratio(b))
    return { ...sorted[Math.floor(sorted.length / 2)]!, ratios: sorted.map(ratio) }
  })
}

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3))

const spread = ({ ratios }: Row): string => (ratios ? ` (${figure(ratios[0]!)}–${figure(ratios.at(-1)!)})` : '')

function verdict(row: Row): string {
  if (!row.goal) return ''
  const met = row.goal.than === 'at most' ? ratio(row) <= row.goal.ratio : ratio(row) >= row.goal.ratio
  return `${row.goal.than} ${row.goal.ratio}: ${met ? 'met' : 'MISSED'}`
}

export function table(rows: readonly Row[]): string {
  const cells = [
    ['target', 'what', 'ours', 'peer', 'theirs', 'ratio', 'goal', 'CPU ms', 'others'],
    ...rows.map((row) => [
      row.target,
      row.what,
      `${figure(row.ours)} ${row.unit}`,
      row.peer,
      `${figure(row.theirs)} ${row.unit}`,
      figure(ratio(row)) + spread(row),
      verdict(row),
      row.cpuMs === undefined ? '' : figure(row.cpuMs),
      row.others.toFixed(2),
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

/** Writes the figures; those of a whole run are committed beside the programs that took them. */
export function save(rows: readonly Row[], file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), rows }, null, 1)}\n`)
}
