import { expect, test } from 'vitest'
import { progressDisplay } from '#cli/progress/display.js'
import { type Transfer, type TransferGroup, TransferKind, TransferPhase } from '#wire/meseta.js'

function display(isTTY: boolean, columns = 80, rows = 24) {
  const written: string[] = []
  const stderr = { isTTY, columns, rows, write: (text: string | Uint8Array) => void written.push(String(text)) }
  return { written, stderr, shown: progressDisplay({ stderr, env: {} }) }
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

test('a window of few columns shortens the bar, then leaves it out; one of few rows is never left at its top', () => {
  const transfers = group(layer('aaaaaaaaaaaa', TransferPhase.RUNNING, 12_300_000, 45_600_000))
  const lineAt = (columns: number, rows?: number) => {
    const { written, shown } = display(true, columns, rows)
    shown.show('alpine', transfers)
    return screen(written)
  }
  expect(lineAt(64)[1]).toBe('  aaaaaaaaaaaa  downloading   ████░░░░░░░░░  12.3 MB of 45.6 MB')
  expect(lineAt(53)[1]).toBe('  aaaaaaaaaaaa  downloading   12.3 MB of 45.6 MB')
  expect(lineAt(30)[1]).toBe('  aaaaaaaaaaaa  downloading')
  expect(lineAt(80, 2)).toEqual(['  … and 2 more'])
})

test('what does not fit leaves out what is over first; bars of one image are of one length', () => {
  const { written, shown } = display(true, 60, 5)
  const over = Array.from({ length: 6 }, (_, i) => layer(`${i}`.repeat(12), TransferPhase.DONE, 5_000_000, 5_000_000))
  const coming = [layer('aaaaaaaaaaaa', TransferPhase.RUNNING, 5, 45_600_000), layer('bbbbbbbbbbbb', TransferPhase.WAITING)]
  shown.show('alpine', group(...over, ...coming))
  expect(screen(written)).toEqual([
    'alpine (6 of 8)',
    '  aaaaaaaaaaaa  downloading   ░░░░░░░░░░░░░  5 B of 45.6 MB',
    '  bbbbbbbbbbbb  waiting       ░░░░░░░░░░░░░',
    '  … and 6 more',
  ])
})

test('a window that was made narrower is cleared of all lines that the old ones have become', () => {
  const { written, stderr, shown } = display(true, 80)
  shown.show('alpine', group(layer('aaaaaaaaaaaa', TransferPhase.RUNNING, 12_300_000, 45_600_000)))
  const length = screen(written)[1]!.length
  stderr.columns = 25
  shown.clear()
  expect(written.at(-1)).toBe(`\x1b[${1 + Math.ceil(length / 25)}A\x1b[J`)
})

test('what went otherwise than it should is told, once where there is no terminal', () => {
  const told = { ...layer('aaaaaaaaaaaa', TransferPhase.RUNNING), note: 'from elsewhere' }
  const [bars, lines] = [display(true), display(false)]
  for (const { shown } of [bars, lines, lines]) shown.show('alpine', group(told))
  expect(screen(bars.written)[1]).toMatch(/downloading .*\(from elsewhere\)$/)
  expect(lines.written).toEqual(['alpine: aaaaaaaaaaaa downloading    (from elsewhere)\n'])
})

test('without a terminal there is a line for each new phase', () => {
  const { written, shown } = display(false)
  for (const bytes of [0, 10, 20, 30])
    shown.show('alpine', group(layer('aaaaaaaaaaaa', TransferPhase.RUNNING, bytes, 45_600_000)))
  shown.show('alpine', group(layer('aaaaaaaaaaaa', TransferPhase.DONE, 45_600_000, 45_600_000)))
  shown.clear()
  expect(written).toEqual(['alpine: aaaaaaaaaaaa downloading  0 B of 45.6 MB\n', 'alpine: aaaaaaaaaaaa done  45.6 MB\n'])
})
