import type { TransferGroup } from '#wire/meseta.js'
import type { Output } from '../context.js'
import { printable } from '../table.js'
import type { ProgressDisplay } from './display.js'
import { amountOf, phaseText } from './words.js'

/** For logs and pipes: a line for each layer or file whenever it enters another phase, and no more. */
export class Lines implements ProgressDisplay {
  private readonly output: Output
  private readonly said = new Map<string, number>()

  constructor(output: Output) {
    this.output = output
  }

  show(title: string, { transfers = [] }: TransferGroup): void {
    for (const transfer of transfers) {
      const key = `${title}\0${transfer.name}`
      if (this.said.get(key) === transfer.phase) continue
      this.said.set(key, transfer.phase)
      this.output.write(`${printable(`${title}: ${transfer.name} ${phaseText(transfer)}  ${amountOf(transfer)}`).trimEnd()}\n`)
    }
  }

  clear(): void {}
}
