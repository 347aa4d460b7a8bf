import { Command, CommanderError } from 'commander'
import { CodedError } from '#base/errors.js'
import { MESETA_VERSION, MESOS_VERSION } from '#base/version.js'
import { agentsCommand } from './commands/agents.js'
import { daemonCommand } from './commands/daemon.js'
import { downCommand } from './commands/down.js'
import { frameworksCommand } from './commands/frameworks.js'
import { imageCommand } from './commands/image.js'
import { killCommand } from './commands/kill.js'
import { logsCommand } from './commands/logs.js'
import { psCommand } from './commands/ps.js'
import { runCommand } from './commands/run.js'
import { examples } from './commands/shared-options.js'
import { stateCommand } from './commands/state.js'
import { upCommand } from './commands/up.js'
import { type CliContext, exitCodeOf } from './context.js'
import { EXIT } from './errors.js'

/** Runs one command line, without the names of node and script; resolves with the exit code. Never throws. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let code: number = EXIT.done
  const program = createProgram(context, (wanted) => {
    code = wanted
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    // Help and version were printed; a mistake in the command line was explained.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const text = error instanceof CodedError ? error.message : ((error as Error).stack ?? String(error))
    context.stderr.write(`meseta: ${text}\n`)
    return exitCodeOf(error)
  }
}

function createProgram(context: CliContext, exit: (code: number) => void): Command {
  const program = new Command('meseta')
    .description('A cluster manager that speaks the API of Apache Mesos.')
    .version(`meseta ${MESETA_VERSION} (API of Mesos ${MESOS_VERSION})`, '--version', 'print the version')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `${examples(['meseta up', 'a cluster on this machine'], ['meseta run -- echo hello', 'a first task'], ['meseta ps', ''])}${EXIT_CODES}`,
    )
  const commands = [
    upCommand(context, exit),
    downCommand(context, exit),
    daemonCommand('master', context, exit),
    daemonCommand('agent', context, exit),
    runCommand(context, exit),
    psCommand(context),
    logsCommand(context),
    killCommand(context),
    agentsCommand(context),
    frameworksCommand(context),
    stateCommand(context),
    imageCommand(context, exit),
  ]
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...commands, ...commands.flatMap(({ commands: nested }) => nested)]) {
    command
      .exitOverride()
      .showHelpAfterError('(add --help for more)')
      .configureOutput({
        writeOut: (text) => context.stdout.write(text),
        writeErr: (text) => context.stderr.write(text.replace(/^error: /, 'meseta: ')),
      })
  }
  return program
}

const EXIT_CODES = `
Exit codes: 0 done; 1 refused or not found; 2 the command line makes no sense; 69 no master (or no --agent) answers;
run: the task's own, 128 + n when signal n ended it, 125 when it did not run or was lost, 130 after a second Ctrl-C.
`
