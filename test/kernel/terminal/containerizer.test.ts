import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { ContainerInfoType } from '#wire/mesos.js'
import { Workplace } from '../containerizer/workplace.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.open()
})
afterEach(() => place.close())

const screen = async (config: ContainerConfig): Promise<string> => (await place.output(config)).replaceAll('\r', '')

test('a task that asks for a terminal gets one of the size it asked for, and after a restart of the agent too one may attach', async () => {
  const container = { type: ContainerInfoType.MESOS, ttyInfo: { windowSize: { rows: 12, columns: 34 } } }
  const config = place.config('stty size; read line; echo "got $line"; stty size', { container })
  await place.start(config)
  await expect.poll(() => screen(config)).toBe('12 34\n')
  await place.restart([config])
  const { containerizer } = place
  await containerizer.resize(config.id, { rows: 56, columns: 78 })
  const input = await containerizer.attachInput(config.id)
  await input.write(Buffer.from('words\n'))
  expect(await containerizer.wait(config.id)).toEqual({ waitStatus: 0 })
  expect(await screen(config)).toBe('12 34\nwords\ngot words\n56 78\n')
})

test('attachable without a terminal; else one may not attach', async () => {
  const attachable = place.config('cat', { attachable: true })
  const plain = place.config('sleep 1000')
  await Promise.all([place.start(attachable), place.start(plain)])
  const input = await place.containerizer.attachInput(attachable.id)
  await input.write(Buffer.from('in and out'))
  await input.end()
  expect(await place.containerizer.wait(attachable.id)).toEqual({ waitStatus: 0 })
  expect(await place.output(attachable)).toBe('in and out')
  await expect(place.containerizer.attachOutput(plain.id)).rejects.toMatchObject({ code: 'HOST_NOT_ATTACHABLE' })
})
