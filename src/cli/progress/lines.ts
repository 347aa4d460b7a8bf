import type { TransferGroup } from '#wire/meseta.js'
import type { Output } from '../context.js'
import { printable } from '../table.js'
import type { ProgressDisplay } from './display.js'
import { amountOf, noteOf, phaseText } from './words.js'

/** For logs and pipes: a line for each layer or file whenever it enters another phase, and no more. */
export class Lines implements ProgressDisplay {
  private readonly output: Output
  private readonly said = new Map<string, string>()

  constructor(output: Output) {
    this.output = output
  }

  show(title: string, { transfers = [] }: TransferGroup): void {
    for (const transfer of transfers) {
      const key = `${title}\0${transfer.name}`
      const state = `${transfer.phase} ${transfer.note ?? ''}`
      if (this.said.get(key) === state) continue
      this.said.set(key, state)
      this.output.write(
        `${printable(`${title}: ${transfer.name} ${phaseText(transfer)}  ${amountOf(transfer)}${noteOf(transfer)}`).trimEnd()}\n`,
      )
    }
  }

  clear(): void {}
}
