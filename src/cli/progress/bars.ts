import { type Transfer, type TransferGroup, TransferPhase } from '#wire/meseta.js'
import type { Output } from '../context.js'
import { printable } from '../table.js'
import type { ProgressDisplay } from './display.js'
import { amountOf, isOver, phaseText } from './words.js'

/** What is redrawn must fit the window, or it could not be taken back: no window has fewer lines. */
const MOST_LINES = 20
const BAR = 24
const NAME = 40

/** One line a layer or file, drawn again and again in the same place. */
export class Bars implements ProgressDisplay {
  private readonly output: Output
  private readonly groups = new Map<string, TransferGroup>()
  /** That are drawn now. */
  private drawn = 0

  constructor(output: Output) {
    this.output = output
  }

  show(title: string, group: TransferGroup): void {
    this.groups.set(title, group)
    const lines = this.lines()
    this.output.write(`${this.erasing()}${lines.map((line) => `${line}\n`).join('')}`)
    this.drawn = lines.length
  }

  clear(): void {
    if (this.drawn > 0) this.output.write(this.erasing())
    this.drawn = 0
    this.groups.clear()
  }

  private erasing(): string {
    return this.drawn === 0 ? '' : `\x1b[${this.drawn}A\x1b[J`
  }

  private lines(): string[] {
    const width = Math.max(40, this.output.columns ?? 80) - 1
    const lines = [...this.groups].flatMap(([title, { transfers = [] }]) => [
      `${title} (${transfers.filter(isOver).length} of ${transfers.length})`,
      ...transfers.map((transfer) => `  ${bar(transfer, nameWidth(transfers))}`),
    ])
    const shown =
      lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `  … and ${lines.length - MOST_LINES + 1} more`] : lines
    return shown.map((line) => printable(line).slice(0, width))
  }
}

const nameWidth = (transfers: readonly Transfer[]): number =>
  Math.min(NAME, Math.max(...transfers.map(({ name }) => name.length)))

function bar(transfer: Transfer, width: number): string {
  const name = transfer.name.length > width ? `…${transfer.name.slice(1 - width)}` : transfer.name.padEnd(width)
  const filled = Math.round(BAR * share(transfer))
  return `${name}  ${phaseText(transfer).padEnd(12)}  ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}  ${amountOf(transfer)}`.trimEnd()
}

function share({ phase, bytes, total }: Transfer): number {
  if (phase === TransferPhase.DONE || phase === TransferPhase.HERE) return 1
  return total === undefined || total === 0n ? 0 : Math.min(1, Number(bytes) / Number(total))
}
