import { expect, test } from 'vitest'
import { progressDisplay } from '#cli/progress/display.js'
import { type Transfer, type TransferGroup, TransferKind, TransferPhase } from '#wire/meseta.js'

function display(isTTY: boolean, columns = 80) {
  const written: string[] = []
  const stderr = { isTTY, columns, write: (text: string | Uint8Array) => void written.push(String(text)) }
  return { written, shown: progressDisplay({ stderr, env: {} }) }
}

const layer = (name: string, phase: TransferPhase, bytes = 0, total?: number): Transfer => ({
  kind: TransferKind.LAYER,
  name,
  phase,
  bytes: BigInt(bytes),
  total: total === undefined ? undefined : BigInt(total),
})
const group = (...transfers: Transfer[]): TransferGroup => ({ what: 'c', transfers })

/** What stands on a terminal after all that was written. */
function screen(written: readonly string[]): string[] {
  const lines: string[] = ['']
  for (const part of written
    .join('')
    .replaceAll('\x1b', '⎋')
    .split(/(⎋\[\d*[AJ]|\n)/)) {
    const up = /^⎋\[(\d+)A$/.exec(part)
    if (up) lines.splice(lines.length - 1 - Number(up[1]))
    else if (part === '\n' || part === '⎋[J') lines.push('')
    else lines[lines.length - 1] += part
  }
  return lines.filter((line) => line !== '')
}

test('on a terminal there is one line a layer, drawn in the same place', () => {
  const { written, shown } = display(true)
  shown.show(
    'alpine',
    group(layer('aaaaaaaaaaaa', TransferPhase.RUNNING, 12_300_000, 45_600_000), layer('bbbbbbbbbbbb', TransferPhase.HERE)),
  )
  expect(screen(written)).toEqual([
    'alpine (1 of 2)',
    '  aaaaaaaaaaaa  downloading   ██████░░░░░░░░░░░░░░░░░░  12.3 MB of 45.6 MB',
    '  bbbbbbbbbbbb  already here  ████████████████████████',
  ])
  shown.show(
    'alpine',
    group(layer('aaaaaaaaaaaa', TransferPhase.DONE, 45_600_000, 45_600_000), layer('bbbbbbbbbbbb', TransferPhase.HERE)),
  )
  expect(screen(written).slice(0, 2)).toEqual([
    'alpine (2 of 2)',
    '  aaaaaaaaaaaa  done          ████████████████████████  45.6 MB',
  ])
  expect(screen(written)).toHaveLength(3)
  shown.clear()
  expect(screen(written)).toEqual([])
})

test('bars never break: not of a narrow window, of many layers, of unknown sizes, of evil names', () => {
  const { written, shown } = display(true, 45)
  const many = Array.from({ length: 50 }, (_, i) =>
    layer(`http://example/\x1b[2J${i}${'x'.repeat(100)}`, TransferPhase.RUNNING, 5),
  )
  shown.show('x', group(...many))
  const lines = screen(written)
  expect(lines).toHaveLength(20)
  expect(lines.at(-1)).toBe('  … and 32 more')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(45)
  shown.show('x', group())
  expect(screen(written)).toEqual(['x (0 of 0)'])
})

test('without a terminal there is a line for each new phase', () => {
  const { written, shown } = display(false)
  for (const bytes of [0, 10, 20, 30])
    shown.show('alpine', group(layer('aaaaaaaaaaaa', TransferPhase.RUNNING, bytes, 45_600_000)))
  shown.show('alpine', group(layer('aaaaaaaaaaaa', TransferPhase.DONE, 45_600_000, 45_600_000)))
  shown.clear()
  expect(written).toEqual(['alpine: aaaaaaaaaaaa downloading  0 B of 45.6 MB\n', 'alpine: aaaaaaaaaaaa done  45.6 MB\n'])
})
