import { expect, test } from 'vitest'
import { atLeast, flag, flagHelp, flagTexts, parseFlags } from '#base/flags.js'

const flags = {
  ip: flag.string('ip', { help: 'Address to listen on.' }),
  port: flag.int('port', { default: '5050', help: 'Port to listen on.' }),
  quiet: flag.bool('quiet', { default: 'false', help: 'Say nothing.' }),
  allocationInterval: flag.duration('allocation_interval', {
    default: '1secs',
    help: 'Between allocations.',
    check: atLeast('1ms'),
  }),
  cacheSize: flag.bytes('fetcher_cache_size', { default: '2GB', help: 'Of the cache.' }),
  variables: flag.json('executor_environment_variables', { help: 'For executors.' }),
  workDir: flag.path('work_dir', { help: 'Where state lives.', required: true }),
  subsystems: flag.string('agent_subsystems', { help: 'Of cgroups.', aliases: ['slave_subsystems'] }),
}

const parse = (...argv: string[]) => parseFlags(flags, ['--work_dir=/w', ...argv])

test('both ways to give a value are taken', () => {
  expect(parse('--ip=1.2.3.4', '--port', '81')).toMatchObject({ ip: '1.2.3.4', port: 81, workDir: '/w' })
})

test('absent flags have their default or nothing', () => {
  expect(parse()).toEqual({
    ip: undefined,
    port: 5050,
    quiet: false,
    allocationInterval: 1000,
    cacheSize: 2 ** 31,
    variables: undefined,
    workDir: '/w',
    subsystems: undefined,
  })
})

test('booleans need no value, and no- turns them off', () => {
  expect(parse('--quiet').quiet).toBe(true)
  expect(parse('--no-quiet').quiet).toBe(false)
  expect(parse('--quiet=true').quiet).toBe(true)
  expect(() => parse('--quiet=yes')).toThrow('--quiet: "yes" is neither true nor false')
  expect(() => parse('--no-quiet=true')).toThrow('--no-quiet takes no value')
})

test('the environment stands behind the command line', () => {
  const env = { MESOS_WORK_DIR: '/env', MESOS_PORT: '1', MESOS_SLAVE_SUBSYSTEMS: 'cpu' }
  expect(parseFlags(flags, ['--port=2'], env)).toMatchObject({ workDir: '/env', port: 2, subsystems: 'cpu' })
})

test('an alias is the flag', () => expect(parse('--slave_subsystems=a').subsystems).toBe('a'))

test('a value can stand in a file; JSON also by its bare path', () => {
  const read = (path: string) => (path === '/v' ? '{"A":"b"}\n' : '10.0.0.1\n')
  const argv = ['--work_dir=/w', '--executor_environment_variables=/v', '--ip=file:///address']
  expect(parseFlags(flags, argv, {}, read)).toMatchObject({ ip: '10.0.0.1', variables: { A: 'b' } })
  expect(() => parse('--ip=file:///does/not/exist')).toThrow('--ip: cannot read /does/not/exist')
})

test.each([
  ['--prot=1', 'unknown flag --prot; did you mean --port?'],
  ['--zzzzzzzzzz=1', 'unknown flag --zzzzzzzzzz'],
  ['--port=abc', '--port: "abc" is not a whole number'],
  ['--port', '--port needs a value: --port=NUMBER'],
  ['--allocation_interval=10', 'is not a duration such as 10secs'],
  ['--allocation_interval=1us', 'is less than 1ms'],
  ['--fetcher_cache_size=1XB', 'is not a size such as 512MB'],
  ['--executor_environment_variables={', 'is not JSON'],
  ['stray', 'unexpected argument "stray"'],
  ['--work_dir=/again', '--work_dir is given twice'],
])('%s is refused with a sentence', (argument, sentence) => {
  expect(() => parse(argument)).toThrow(sentence)
})

test('a required flag is named when it is missing', () => {
  expect(() => parseFlags(flags, [])).toThrow('--work_dir is required (or MESOS_WORK_DIR in the environment)')
})

test('texts are those that a user would write', () => {
  expect(flagTexts(flags, parse('--allocation_interval=100ms'))).toEqual([
    ['allocation_interval', '100ms'],
    ['fetcher_cache_size', '2GB'],
    ['port', '5050'],
    ['quiet', 'false'],
    ['work_dir', '/w'],
  ])
})

test('help shows each flag with its form and default', () => {
  expect(flagHelp(flags)).toContain('  --allocation_interval=DURATION\n      Between allocations. (default: 1secs)')
  expect(flagHelp(flags)).toContain('  --[no-]quiet\n')
})
