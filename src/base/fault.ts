/**
 * Named fault points (reliability-security.md §6.2): places where a test makes a program die, fail or wait, to prove that nothing is lost there.
 * `MESETA_FAULT=name:action:nth[,…]` is read by bin and handed to `armFaults`; without it a point costs one comparison.
 *
 * Actions: `kill` (SIGKILL to this program), `exit`, `error` (throws), `sleep=<ms>`. `nth` counts the passes from 1; 1 when left out.
 */
interface Armed {
  name: string
  action: string
  /** Passes until it strikes. */
  left: number
}

let armed: Armed[] = []

/** Replaces what is armed. `undefined` or an empty text disarms all. */
export function armFaults(text: string | undefined): void {
  armed = (text ?? '')
    .split(',')
    .filter((item) => item !== '')
    .map(parse)
}

function parse(item: string): Armed {
  const [name, action, nth = '1'] = item.split(':')
  if (!name || !action || !/^(kill|exit|error|sleep=\d+)$/.test(action) || !/^[1-9]\d*$/.test(nth)) {
    throw new Error(
      `MESETA_FAULT: ${JSON.stringify(item)} is not name:action:nth with an action of kill, exit, error or sleep=<ms>`,
    )
  }
  return { name, action, left: Number(nth) }
}

/** Passing here is what a fault point is: usually nothing happens. */
export function fault(name: string): void {
  if (armed.length > 0) for (const action of strike((point) => point === name)) perform(name, action.action)
}

/** Points inside another program, such as the launcher: the caller passes on those that strike in this pass. */
export function strikeFaults(prefixes: readonly string[]): { name: string; action: string }[] {
  return armed.length > 0 ? strike((point) => prefixes.some((prefix) => point.startsWith(prefix))) : []
}

function strike(matches: (name: string) => boolean): { name: string; action: string }[] {
  const struck = armed.filter((point) => matches(point.name) && --point.left === 0)
  return struck.map(({ name, action }) => ({ name, action }))
}

function perform(name: string, action: string): void {
  if (action === 'kill') process.kill(process.pid, 'SIGKILL')
  else if (action === 'exit') process.exit(1)
  else if (action === 'error') throw new Error(`fault point ${name}: an error was asked for`)
  // Blocks on purpose: the point is to stop here, with everything else of this program standing still as well.
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(action.slice('sleep='.length)))
}
