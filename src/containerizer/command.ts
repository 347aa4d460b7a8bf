import type { CommandInfo } from '#wire/mesos.js'
import type { Process } from '#wire/native.js'
import { ContainerizerErrors } from './errors.js'

/**
 * Mesos' rules: with `shell` (the default) the value goes to /bin/sh; without, the value is the executable and `arguments` its whole argv,
 * argv[0] included. An empty argv gets the value as argv[0], since few programs survive having none.
 */
export function commandLine(command: CommandInfo): Pick<Process, 'executable' | 'arguments'> {
  const { value, arguments: argv = [] } = command
  if (!value) throw ContainerizerErrors.SHELL_COMMAND_MISSING({})
  if (`${value}${argv.join('')}`.includes('\0')) throw ContainerizerErrors.NUL_IN_COMMAND({ where: 'the command' })
  if (command.shell ?? true) return { executable: '/bin/sh', arguments: ['sh', '-c', value] }
  return { executable: value, arguments: argv.length > 0 ? argv : [value] }
}
