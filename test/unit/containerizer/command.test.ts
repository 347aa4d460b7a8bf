import { expect, test } from 'vitest'
import { commandLine } from '#containerizer/command.js'
import { imageVariables, taskEnvironment } from '#containerizer/environment.js'
import { EnvironmentVariableType, SecretType } from '#wire/mesos.js'
import { config } from './fixture.js'

test('a value goes to the shell unless told otherwise', () => {
  expect(commandLine({ value: 'echo $X' })).toEqual({ executable: '/bin/sh', arguments: ['sh', '-c', 'echo $X'] })
})

test('without a shell the arguments are the whole argv', () => {
  expect(commandLine({ shell: false, value: '/bin/ls', arguments: ['my-ls', '-l'] })).toEqual({
    executable: '/bin/ls',
    arguments: ['my-ls', '-l'],
  })
})

test('an empty argv gets its argv[0]', () => {
  expect(commandLine({ shell: false, value: 'ls' }).arguments).toEqual(['ls'])
})

test.each([
  [{}, /neither a value/],
  [{ shell: false, arguments: ['a'] }, /neither a value/],
  [{ value: 'a\0b' }, /NUL/],
])('%j is no command', (command, why) => expect(() => commandLine(command)).toThrow(why))

test('the command wins over isolators, they win over the sandbox, that over the agent, and all over the default PATH', () => {
  const own = { variables: [{ name: 'A', value: 'command' }] }
  const environment = taskEnvironment(
    config({ command: { value: 'x', environment: own }, environment: { A: 'agent', B: 'agent', C: 'agent', PATH: '/bin' } }),
    { sandboxInside: '/inside', isolators: { A: 'isolator', B: 'isolator' } },
  )
  expect(environment.sort()).toEqual(['A=command', 'B=isolator', 'C=agent', 'MESOS_SANDBOX=/inside', 'PATH=/bin'])
})

test('nothing but PATH and the sandbox is there by itself', () => {
  const names = taskEnvironment(config(), { sandboxInside: '/s' }).map((entry) => entry.split('=')[0])
  expect(names).toEqual(['PATH', 'MESOS_SANDBOX'])
})

const secret = (value: object) => ({
  value: 'x',
  environment: { variables: [{ name: 'S', type: EnvironmentVariableType.SECRET, secret: value as never }] },
})

test('a secret by value is the value', () => {
  const command = secret({ type: SecretType.VALUE, value: { data: Buffer.from('y') } })
  expect(taskEnvironment(config({ command }), { sandboxInside: '/s' })).toContain('S=y')
})

test('a secret by reference is refused, never passed on empty', () => {
  const command = secret({ type: SecretType.REFERENCE, reference: { name: 'n' } })
  expect(() => taskEnvironment(config({ command }), { sandboxInside: '/s' })).toThrow(/S is a reference/)
})

test.each(['', 'A=B', 'A\0'])('%j names no variable', (name) => {
  const command = { value: 'x', environment: { variables: [{ name, value: 'v' }] } }
  expect(() => taskEnvironment(config({ command }), { sandboxInside: '/s' })).toThrow(/cannot name/)
})

test('an image wins over the agent and its PATH, and never speaks in the name of the agent (row 6-086)', () => {
  const image = imageVariables(
    {
      environment: [
        'PATH=/image/bin',
        'A=image',
        'B=image',
        'C=image=x',
        'EMPTY',
        '=none',
        'MESOS_SLAVE_PID=old',
        'MESOS_OTHER=x',
      ],
    },
    undefined,
  )
  const environment = { A: 'agent', PATH: '/bin', MESOS_SLAVE_PID: 'slave(1)@now' }
  const own = { variables: [{ name: 'B', value: 'command' }] }
  const variables = taskEnvironment(config({ environment, command: { value: 'x', environment: own } }), {
    sandboxInside: '/s',
    image,
  })
  expect(variables.sort()).toEqual([
    'A=image',
    'B=command',
    'C=image=x',
    'EMPTY=',
    'MESOS_OTHER=x',
    'MESOS_SANDBOX=/s',
    'MESOS_SLAVE_PID=slave(1)@now',
    'PATH=/image/bin',
  ])
})

test('a user whom only the image knows has the home that the image says', () => {
  const user = { name: 'web', identity: { uid: 33, gid: 33 }, home: '/var/www', shell: '/bin/sh', ofImage: true }
  expect(imageVariables({}, user)).toEqual([['HOME', '/var/www']])
  expect(imageVariables({ environment: ['HOME=/x'] }, user)).toEqual([['HOME', '/x']])
  expect(imageVariables({}, { ...user, ofImage: false })).toEqual([])
})

/** Mesos' table (row 6-033): by shell, value and arguments, what is run with neither, either, and both of entrypoint and command in the image. */
const none = 'neither a value nor arguments'
const sh = '/bin/sh: sh -c value'
const TABLE: [shell: boolean, value: string | undefined, argv: string[], wanted: [string, string, string, string]][] = [
  [false, undefined, [], [none, '/cmd: /cmd c1', '/entry: /entry e1', '/entry: /entry e1 /cmd c1']],
  [false, undefined, ['a1', 'a2'], [none, '/cmd: /cmd a1 a2', '/entry: /entry e1 a1 a2', '/entry: /entry e1 a1 a2']],
  [false, 'value', [], ['value: value', 'value: value', 'value: value', 'value: value']],
  [false, 'value', ['a1', 'a2'], ['value: a1 a2', 'value: a1 a2', 'value: a1 a2', 'value: a1 a2']],
  [true, undefined, [], [none, none, none, none]],
  [true, undefined, ['a1', 'a2'], [none, none, none, none]],
  [true, 'value', [], [sh, sh, sh, sh]],
  [true, 'value', ['a1', 'a2'], [sh, sh, sh, sh]],
]
const IMAGES = [
  {},
  { command: ['/cmd', 'c1'] },
  { entrypoint: ['/entry', 'e1'] },
  { entrypoint: ['/entry', 'e1'], command: ['/cmd', 'c1'] },
]
const CELLS = TABLE.flatMap(([shell, value, argv, wanted]) =>
  IMAGES.map((image, index) => ({ command: { shell, value, arguments: argv }, image, runs: wanted[index]! })),
)

test.each(CELLS)('$command of an image with $image runs $runs', ({ command, image, runs }) => {
  const run = (): string => {
    const line = commandLine(command, image)
    return `${line.executable}: ${line.arguments?.join(' ')}`
  }
  if (runs === none) expect(run).toThrow(none)
  else expect(run()).toBe(runs)
})
