import { type Transfer, type TransferGroup, TransferPhase } from '#wire/meseta.js'
import type { Output } from '../context.js'
import { printable } from '../table.js'
import type { ProgressDisplay } from './display.js'
import { amountOf, isOver, noteOf, phaseText } from './words.js'

const MOST_LINES = 20
/** Columns of a bar, where the window has room for it. */
const BAR = 24
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
    const lines = [...this.groups].flatMap(([title, { transfers = [] }]) => [
      `${title} (${transfers.filter(isOver).length} of ${transfers.length})`,
      ...transfers.map((transfer) => `  ${bar(transfer, nameWidth(transfers), width)}`),
    ])
    const shown = lines.length > most ? [...lines.slice(0, most - 1), `  … and ${lines.length - most + 1} more`] : lines
    return shown.map((line) => [...printable(line)].slice(0, width).join('').trimEnd())
  }
}

const nameWidth = (transfers: readonly Transfer[]): number =>
  Math.min(NAME, Math.max(...transfers.map(({ name }) => name.length)))

/** Where there is not room for all, the bar gives way first. */
function bar(transfer: Transfer, width: number, columns: number): string {
  const name = transfer.name.length > width ? `…${transfer.name.slice(1 - width)}` : transfer.name.padEnd(width)
  const [before, behind] = [`${name}  ${phaseText(transfer).padEnd(12)}  `, `${amountOf(transfer)}${noteOf(transfer)}`]
  const room = Math.min(BAR, columns - before.length - amountOf(transfer).length - 4)
  if (room < 4) return `${before}${behind}`.trimEnd()
  const filled = Math.round(room * share(transfer))
  return `${before}${'█'.repeat(filled)}${'░'.repeat(room - filled)}  ${behind}`.trimEnd()
}

function share({ phase, bytes, total }: Transfer): number {
  if (phase === TransferPhase.DONE || phase === TransferPhase.HERE) return 1
  return total === undefined || total === 0n ? 0 : Math.min(1, Number(bytes) / Number(total))
}
