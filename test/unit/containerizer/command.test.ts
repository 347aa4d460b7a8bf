import { expect, test } from 'vitest'
import { commandLine } from '#containerizer/command.js'
import { taskEnvironment } from '#containerizer/environment.js'
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
    '/inside',
    { A: 'isolator', B: 'isolator' },
  )
  expect(environment.sort()).toEqual(['A=command', 'B=isolator', 'C=agent', 'MESOS_SANDBOX=/inside', 'PATH=/bin'])
})

test('nothing but PATH and the sandbox is there by itself', () => {
  const names = taskEnvironment(config(), '/s').map((entry) => entry.split('=')[0])
  expect(names).toEqual(['PATH', 'MESOS_SANDBOX'])
})

const secret = (value: object) => ({
  value: 'x',
  environment: { variables: [{ name: 'S', type: EnvironmentVariableType.SECRET, secret: value as never }] },
})

test('a secret by value is the value', () => {
  const command = secret({ type: SecretType.VALUE, value: { data: Buffer.from('y') } })
  expect(taskEnvironment(config({ command }), '/s')).toContain('S=y')
})

test('a secret by reference is refused, never passed on empty', () => {
  const command = secret({ type: SecretType.REFERENCE, reference: { name: 'n' } })
  expect(() => taskEnvironment(config({ command }), '/s')).toThrow(/S is a reference/)
})

test.each(['', 'A=B', 'A\0'])('%j names no variable', (name) => {
  const command = { value: 'x', environment: { variables: [{ name, value: 'v' }] } }
  expect(() => taskEnvironment(config({ command }), '/s')).toThrow(/cannot name/)
})
