import { constants } from 'node:os'

const SIGTERM = 15
/** Of glibc and musl, which keep those below for themselves; systemd in a container asks for the fourth. */
const [SIGRTMIN, SIGRTMAX] = [34, 64]

/** The number of `SIGQUIT`, `quit`, `3`, `SIGRTMIN+3` (row 9-071). What is none is as if the image had said nothing. */
export function stopSignal(text: string | undefined): number {
  const name = (text ?? '').toUpperCase().replace(/^SIG/, '')
  const [, edge, sign, offset] = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name) ?? []
  const number = edge ? (edge === 'MIN' ? SIGRTMIN : SIGRTMAX) + Number(`${sign ?? ''}${offset ?? 0}`) : plain(name)
  return number >= 1 && number <= SIGRTMAX ? number : SIGTERM
}

function plain(name: string): number {
  if (/^\d{1,2}$/.test(name)) return Number(name)
  return (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`] ?? 0
}
