import type { CommandInfo } from '#wire/mesos.js'
import type { Process } from '#wire/native.js'
import { ContainerizerErrors } from './errors.js'
import type { ImageRuntimeConfig } from './images/runtime-config.js'

type CommandLine = Pick<Process, 'executable' | 'arguments'>

/**
 * Mesos' rules: with `shell` (the default) the value goes to /bin/sh; without, the value is the executable and `arguments` its whole argv,
 * argv[0] included. An empty argv gets the value as argv[0], since few programs survive having none. Without either it is the image that says what is
 * run (row 6-033); `arguments` then follow.
 */
export function commandLine(command: CommandInfo, image: ImageRuntimeConfig = {}): CommandLine {
  const { value, arguments: argv = [], shell = true } = command
  const line = value ? ofCommand(value, argv, shell) : ofImage(argv, shell, image)
  if (`${line.executable}${line.arguments?.join('')}`.includes('\0'))
    throw ContainerizerErrors.NUL_IN_COMMAND({ where: 'the command' })
  return line
}

function ofCommand(value: string, argv: readonly string[], shell: boolean): CommandLine {
  if (shell) return { executable: '/bin/sh', arguments: ['sh', '-c', value] }
  return { executable: value, arguments: argv.length > 0 ? [...argv] : [value] }
}

/** Arguments of the task take the place of the image's own; an entrypoint stays before either. Without one, the first word of the image's command does. */
function ofImage(argv: readonly string[], shell: boolean, { entrypoint = [], command = [] }: ImageRuntimeConfig): CommandLine {
  const [program, ...rest] = entrypoint.length > 0 ? [...entrypoint, ...command] : command
  if (shell || program === undefined) throw ContainerizerErrors.SHELL_COMMAND_MISSING({})
  const kept = entrypoint.length > 0 ? entrypoint.slice(1) : []
  return { executable: program, arguments: [program, ...(argv.length > 0 ? [...kept, ...argv] : rest)] }
}
