/** One thing that a pattern can ask for. Greed does not matter where only the whole text is matched, so it is not kept. */
export type Node =
  | { kind: 'character'; test: (code: number) => boolean }
  | { kind: 'edge'; holds: (before: number | undefined, after: number | undefined) => boolean }
  | { kind: 'sequence'; parts: Node[] }
  | { kind: 'choice'; parts: Node[] }
  | { kind: 'repeat'; part: Node; least: number; most: number }

export const nothing: Node = { kind: 'sequence', parts: [] }

/** Why a pattern cannot be taken, for whoever wrote it. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
}

export const lineFeed = 0x0a

export function isWord(code: number | undefined): boolean {
  return (
    code !== undefined &&
    ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a))
  )
}
