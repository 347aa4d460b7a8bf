import { type Transfer, type TransferGroup, TransferPhase } from '#wire/meseta.js'
import type { Output } from '../context.js'
import { printable } from '../table.js'
import type { ProgressDisplay } from './display.js'
import { amountOf, isOver, noteOf, phaseText } from './words.js'

const MOST_LINES = 20
/** Columns of a bar, where the window has room for it. */
const BAR = 24
const SHORTEST = 4
const PHASE = 12
const NAME = 40
/** Of windows that do not say how large they are. */
const USUAL = { columns: 80, rows: 24 }

/** One line a layer or file, drawn again and again in the same place. */
export class Bars implements ProgressDisplay {
  private readonly output: Output
  private readonly groups = new Map<string, TransferGroup>()
  /** Lengths of the lines that are drawn now. */
  private drawn: number[] = []

  constructor(output: Output) {
    this.output = output
  }

  show(title: string, group: TransferGroup): void {
    this.groups.set(title, group)
    const lines = this.lines()
    this.output.write(`${this.erasing()}${lines.map((line) => `${line}\n`).join('')}`)
    this.drawn = lines.map((line) => line.length)
  }

  clear(): void {
    if (this.drawn.length > 0) this.output.write(this.erasing())
    this.drawn = []
    this.groups.clear()
  }

  private get columns(): number {
    return Math.max(1, this.output.columns || USUAL.columns)
  }

  /** Lines of a window that was made narrower since have become several. */
  private erasing(): string {
    const rows = this.drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / this.columns)), 0)
    return rows === 0 ? '' : `\x1b[${rows}A\x1b[J`
  }

  /** No more than the window can show, or they could not be taken back. */
  private lines(): string[] {
    const most = Math.max(1, Math.min(MOST_LINES, (this.output.rows || USUAL.rows) - 1))
    const width = Math.max(1, this.columns - 1)
    const all = this.linesOf(width, () => true)
    // Where not all can be shown, what is over need not be.
    const lines = all.length > most ? this.linesOf(width, (transfer) => !isOver(transfer)) : all
    const more = all.length - Math.min(lines.length, most - 1)
    const shown = all.length > most ? [...lines.slice(0, most - 1), `  … and ${more} more`] : lines
    return shown.map((line) => [...printable(line)].slice(0, width).join('').trimEnd())
  }

  private linesOf(width: number, isShown: (transfer: Transfer) => boolean): string[] {
    return [...this.groups].flatMap(([title, { transfers = [] }]) => {
      const columns = columnsOf(transfers, width)
      const bars = transfers.filter(isShown).map((transfer) => `  ${line(transfer, columns)}`)
      return [`${title} (${transfers.filter(isOver).length} of ${transfers.length})`, ...bars]
    })
  }
}

interface Columns {
  readonly name: number
  readonly bar: number
}

/** The same for all of a group. Where there is not room for all, the bar gives way first. */
function columnsOf(transfers: readonly Transfer[], width: number): Columns {
  const name = Math.min(NAME, Math.max(0, ...transfers.map((transfer) => transfer.name.length)))
  const amount = Math.max(0, ...transfers.map((transfer) => amountOf(transfer).length))
  const room = width - name - PHASE - amount - 8
  return { name, bar: room < SHORTEST ? 0 : Math.min(BAR, room) }
}

function line(transfer: Transfer, { name: width, bar }: Columns): string {
  const name = transfer.name.length > width ? `…${transfer.name.slice(1 - width)}` : transfer.name.padEnd(width)
  const filled = Math.round(bar * share(transfer))
  const drawn = bar === 0 ? '' : `${'█'.repeat(filled)}${'░'.repeat(bar - filled)}  `
  return `${name}  ${phaseText(transfer).padEnd(PHASE)}  ${drawn}${amountOf(transfer)}${noteOf(transfer)}`.trimEnd()
}

function share({ phase, bytes, total }: Transfer): number {
  if (phase === TransferPhase.DONE || phase === TransferPhase.HERE) return 1
  return total === undefined || total === 0n ? 0 : Math.min(1, Number(bytes) / Number(total))
}
