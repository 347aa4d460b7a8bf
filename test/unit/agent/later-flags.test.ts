import { expect, test } from 'vitest'
import { agentFlags } from '#agent/flags.js'
import { laterFlags } from '#agent/later-flags.js'
import { parseFlags } from '#base/flags.js'

const flags = { ...laterFlags, ...agentFlags }
const parse = (...argv: string[]) => parseFlags(flags, ['--master=m:1', '--work_dir=/w', ...argv])

test('a start script of a Mesos agent is taken as long as it asks for nothing that we lack', () => {
  expect(() =>
    parse('--containerizers=mesos', '--recover=reconnect', '--docker_registry=https://mine', '--no-systemd_enable_support'),
  ).not.toThrow()
})

test.each(['--containerizers=docker,mesos', '--authenticate_http_readwrite', '--recover=cleanup'])(
  '%s is refused',
  (argument) => {
    expect(() => parse(argument)).toThrow('is not supported by this version of the agent; leave the flag out')
  },
)

test('what is read is not also declared as unread', () => {
  const read = new Set(Object.values(agentFlags).flatMap(({ name, aliases }) => [name, ...aliases]))
  expect(Object.keys(laterFlags).filter((name) => read.has(name))).toEqual([])
})
