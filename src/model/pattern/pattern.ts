import { parsePattern } from './parse.js'
import { type Node, PatternFault } from './syntax.js'

/** A step of the machine; `next` are the numbers of the steps that may follow. */
type Step =
  | { do: 'read'; test: (code: number) => boolean; next: number }
  | { do: 'check'; holds: (before: number | undefined, after: number | undefined) => boolean; next: number }
  | { do: 'split'; next: readonly number[] }
  | { do: 'accept' }

/** Says whether a whole text is of this form, in time that grows with text × pattern and never faster (row 1-074). */
export type Pattern = (text: string) => boolean

/**
 * Compiles a pattern that comes from outside. JavaScript's own expressions backtrack: a framework could stop the master with one. Throws
 * `PatternFault` where it is not a pattern of RE2, or needs more than `mostSteps` (row 1-075).
 */
export function compilePattern(pattern: string, mostSteps: number): Pattern {
  const node = parsePattern(pattern)
  const steps = sizeOf(node) + 1
  if (steps > mostSteps) throw new PatternFault(`it needs ${steps} steps, more than the ${mostSteps} that are allowed`)
  const program: Step[] = []
  emit(node, program)
  program.push({ do: 'accept' })
  return (text) => run(program, text)
}

/** Before anything is expanded: `((a{1000}){1000}){1000}` must not be tried. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'sequence':
      return node.parts.reduce((sum, it) => sum + sizeOf(it), 0)
    case 'choice':
      return node.parts.reduce((sum, it) => sum + sizeOf(it) + 1, 1)
    case 'repeat': {
      const one = sizeOf(node.part)
      if (node.most === Number.POSITIVE_INFINITY) return node.least * one + one + 2
      return node.least * one + (node.most - node.least) * (one + 1)
    }
    default:
      return 1
  }
}

/** Each piece of program goes on at the step after its last. */
function emit(node: Node, program: Step[]): void {
  switch (node.kind) {
    case 'character':
      program.push({ do: 'read', test: node.test, next: program.length + 1 })
      return
    case 'edge':
      program.push({ do: 'check', holds: node.holds, next: program.length + 1 })
      return
    case 'sequence':
      for (const part of node.parts) emit(part, program)
      return
    case 'choice':
      emitChoice(node.parts, program)
      return
    case 'repeat':
      emitRepeat(node, program)
  }
}

function emitChoice(parts: readonly Node[], program: Step[]): void {
  const starts: number[] = []
  const ends: number[] = []
  program.push({ do: 'split', next: starts })
  for (const part of parts) {
    starts.push(program.length)
    emit(part, program)
    ends.push(program.length)
    program.push({ do: 'split', next: [] })
  }
  for (const end of ends) program[end] = { do: 'split', next: [program.length] }
}

function emitRepeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, program: Step[]): void {
  for (let i = 0; i < least; i++) emit(part, program)
  if (most === Number.POSITIVE_INFINITY) {
    const start = program.length
    program.push({ do: 'split', next: [] })
    emit(part, program)
    program.push({ do: 'split', next: [start] })
    program[start] = { do: 'split', next: [start + 1, program.length] }
    return
  }
  const skips: number[] = []
  for (let i = least; i < most; i++) {
    skips.push(program.length)
    program.push({ do: 'split', next: [] })
    emit(part, program)
  }
  for (const skip of skips) program[skip] = { do: 'split', next: [skip + 1, program.length] }
}

/** All ways at once: each character of the text moves the set of steps that could be next. */
function run(program: readonly Step[], text: string): boolean {
  const codes = [...text].map((it) => it.codePointAt(0)!)
  let now = reach(program, [0], undefined, codes[0])
  for (const [i, code] of codes.entries()) {
    const moved = now.flatMap((at) => {
      const step = program[at]!
      return step.do === 'read' && step.test(code) ? [step.next] : []
    })
    if (moved.length === 0) return false
    now = reach(program, moved, code, codes[i + 1])
  }
  return now.some((at) => program[at]!.do === 'accept')
}

/** The steps that read or accept and can be reached without reading; each once, so that loops of nothing end. */
function reach(
  program: readonly Step[],
  from: readonly number[],
  before: number | undefined,
  after: number | undefined,
): number[] {
  const seen = new Set(from)
  const found: number[] = []
  for (const at of seen) {
    const step = program[at]!
    if (step.do === 'split') for (const next of step.next) seen.add(next)
    else if (step.do === 'check') {
      if (step.holds(before, after)) seen.add(step.next)
    } else found.push(at)
  }
  return found
}
