import { type Flags, flagHelp } from '#base/flags.js'
import { MESETA_VERSION, MESOS_VERSION } from '#base/version.js'

/** What the programs of this room see of their process; only `meseta.ts` makes one. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** How this program was started: what to write before a command for the next start. */
  readonly script: string
  readonly command: string
  readonly say: (text: string) => void
  readonly complain: (text: string) => void
}

/** Resolves with the first of the signals. */
export function signalled(...signals: NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve(signal))
  })
}

/** Set for the daemons of `meseta up`: their input ends when that program does, however it died. */
export const PARENT_IS_INPUT = 'MESETA_PARENT_IS_INPUT'

/** Resolves when a daemon should end: on a signal, or with the program that started it. */
export function endWanted(env: Surroundings['env']): Promise<string> {
  const parent = new Promise<string>((resolve) => {
    if (env[PARENT_IS_INPUT] !== '1') return
    process.stdin.on('end', () => resolve('the end of meseta up')).on('error', () => resolve('the end of meseta up'))
    process.stdin.resume()
  })
  return Promise.race([signalled('SIGINT', 'SIGTERM'), parent])
}

/** `--help` and `--version` of a daemon; answers whether it was one of them. */
export function answeredByText(name: string, argv: readonly string[], flags: Flags, { say }: Surroundings): boolean {
  if (argv.some((argument) => ['--help', '-h', '--help=true'].includes(argument))) {
    say(
      `Usage: meseta ${name} [--flag=value...]\n\nEvery flag can also come from MESOS_<NAME> in the environment, or from a file: --flag=file:///path.\n\n${flagHelp(flags)}\n`,
    )
    return true
  }
  if (argv.some((argument) => argument === '--version' || argument === '--version=true')) {
    say(`meseta ${MESETA_VERSION} (API of Mesos ${MESOS_VERSION})\n`)
    return true
  }
  return false
}
