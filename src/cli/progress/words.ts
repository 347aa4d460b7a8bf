import { bytesText } from '#base/bytes.js'
import { type Transfer, TransferPhase } from '#wire/meseta.js'

const WORDS: Readonly<Record<TransferPhase, string>> = {
  [TransferPhase.WAITING]: 'waiting',
  [TransferPhase.RUNNING]: 'downloading',
  [TransferPhase.UNPACKING]: 'unpacking',
  [TransferPhase.DONE]: 'done',
  [TransferPhase.HERE]: 'already here',
  [TransferPhase.FAILED]: 'failed',
}

/** A phase of a newer agent is shown as its number. */
export const phaseText = ({ phase }: Transfer): string => WORDS[phase] ?? `phase ${phase}`

/** `12.3 MB of 45.6 MB`; nothing where nothing is known. */
export function amountOf({ bytes, total, phase }: Transfer): string {
  if (phase === TransferPhase.HERE) return ''
  if (total === undefined) return bytes > 0n ? bytesText(bytes) : ''
  return phase === TransferPhase.DONE || bytes >= total ? bytesText(total) : `${bytesText(bytes)} of ${bytesText(total)}`
}

/** Behind what else is said of it. */
export const noteOf = ({ note }: Transfer): string => (note === undefined ? '' : `  (${note})`)

export const isOver = ({ phase }: Transfer): boolean =>
  phase === TransferPhase.DONE || phase === TransferPhase.HERE || phase === TransferPhase.FAILED
