import type { Millis } from '#base/clock.js'
import type { ContainerPlan } from './host.js'

/** What a simulated task does. */
export interface Behaviour {
  /** The start fails with this sentence instead. */
  failure?: string
  /** From *go* to the task running. */
  startsAfter?: Millis
  /** From running to its own end; absent: it runs until it is killed. */
  endsAfter?: Millis
  /** How it ends by itself: an exit code, or the signal that it dies of. */
  code?: number
  signal?: number
  /** Signals that do not end it; SIGKILL always does. */
  ignores?: readonly number[]
  /** From running to an out-of-memory kill. */
  outOfMemoryAfter?: Millis
  /** What it writes when it starts. */
  says?: string
  /** Writes what it reads, until its input ends, and ends then. */
  echoes?: boolean
}

const SIGTERM = 15

/**
 * The little of a shell that simulations need, read off the command: `true`, `false`, `exit N`, `sleep S`, `echo W W`, `cat`, `kill -S $$`, `trap "" TERM`, joined by
 * `;` or `&&`. Anything else ends at once with success; a path below /no fails as missing.
 */
export function commandBehaviour(plan: ContainerPlan): Behaviour {
  const { executable, arguments: argv = [] } = plan.process
  if (executable.startsWith('/no')) return { failure: `could not start the task ${executable}: no such file or directory` }
  const script = argv[1] === '-c' ? (argv[2] ?? '') : argv.join(' ')
  const behaviour: Behaviour = { endsAfter: 0, code: 0 }
  for (const step of script.split(/;|&&/)) if (!perform(step.trim(), behaviour)) break
  return behaviour
}

/** False: the script ends here. */
function perform(step: string, behaviour: Behaviour): boolean {
  const [word, argument = '0', third] = step.replace(/^.*\//, '').split(/\s+/)
  switch (word) {
    case 'sleep':
      behaviour.endsAfter = (behaviour.endsAfter ?? 0) + Number(argument) * 1000
      return true
    case 'trap':
      behaviour.ignores = third === 'TERM' ? [SIGTERM] : []
      return true
    case 'cat':
      behaviour.echoes = true
      delete behaviour.endsAfter
      return true
    case 'echo':
      behaviour.says = `${behaviour.says ?? ''}${[argument, third].filter((part) => part !== undefined).join(' ')}\n`
      return true
    case 'false':
      behaviour.code = 1
      return true
    case 'exit':
      behaviour.code = Number(argument)
      return false
    case 'kill':
      behaviour.signal = Number(argument.replace('-', ''))
      return false
    default:
      return true
  }
}
