import { describe, expect, test } from 'vitest'
import { parseImageConfig } from '#containerizer/images/image-config.js'

const DIFF = `sha256:${'d'.repeat(64)}`
const parse = (value: unknown, layers = 1) => parseImageConfig(Buffer.from(JSON.stringify(value)), layers)
const ROOTFS = { type: 'layers', diff_ids: [DIFF] }

describe('the config of an image', () => {
  test('all that it says', () => {
    const Healthcheck = { Test: ['CMD', 'true'], Interval: 5e9, Timeout: 0, Retries: 3 }
    const config = {
      Entrypoint: ['/e'],
      Cmd: ['c'],
      Env: ['A=b'],
      WorkingDir: '/w',
      User: '1:2',
      Volumes: { '/v': {} },
      ExposedPorts: { '80/tcp': {} },
      StopSignal: 'SIGINT',
      Healthcheck,
      Labels: { l: 'x' },
      Shell: ['/bin/ash', '-c'],
    }
    expect(parse({ architecture: 'amd64', os: 'linux', created: 't', config, rootfs: ROOTFS })).toEqual({
      diffIds: [DIFF],
      config: {
        entrypoint: ['/e'],
        command: ['c'],
        environment: ['A=b'],
        workingDirectory: '/w',
        user: '1:2',
        volumes: ['/v'],
        exposedPorts: ['80/tcp'],
        stopSignal: 'SIGINT',
        healthcheck: { test: ['CMD', 'true'], interval: 5e9, timeout: undefined, startPeriod: undefined, retries: 3 },
        labels: { l: 'x' },
        shell: ['/bin/ash', '-c'],
        architecture: 'amd64',
        os: 'linux',
        createdAt: 't',
      },
    })
  })

  test('null and absent are the same', () => {
    const nulls = { Entrypoint: null, Cmd: null, Env: null, Volumes: null, Labels: null, WorkingDir: '', User: '' }
    const { config } = parse({ config: nulls, rootfs: ROOTFS })
    expect(Object.values(config).filter((value) => value !== undefined)).toEqual([])
    expect(parse({ config: null, rootfs: ROOTFS }).config).toEqual(config)
  })

  test.each([
    ['another count of layers', { rootfs: { type: 'layers', diff_ids: [] } }, /0 diff_ids, but the manifest has 1/],
    ['no rootfs', {}, /0 diff_ids/],
    ['a wrong diff id', { rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }, /is no digest/],
    ['another type of root', { rootfs: { type: 'bundle', diff_ids: [DIFF] } }, /not "layers"/],
    ['an environment that is text', { config: { Env: 'A=b' }, rootfs: ROOTFS }, /Env of config of the config is not a list/],
    ['an image for Windows', { os: 'windows', rootfs: ROOTFS }, /"windows", and this agent runs Linux/],
  ])('%s is refused', (_, value, why) => expect(() => parse(value)).toThrow(why))

  test('S61: more than 4 MiB is refused', () => {
    expect(() => parse({ rootfs: ROOTFS, x: 'x'.repeat(4 << 20) })).toThrow(/config is larger/)
  })
})
