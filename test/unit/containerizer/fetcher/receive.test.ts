import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ChecksumWatch } from '#containerizer/fetcher/checksum.js'
import { type Receiving, receive } from '#containerizer/fetcher/receive.js'
import type { OpenedSource, Source } from '#containerizer/fetcher/scheme.js'

const HELLO_WORLD = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'

describe('receiving a body', () => {
  let directory: string
  let descriptor: number
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meseta-receive-'))
    descriptor = openSync(join(directory, 'file'), 'wx+')
  })
  afterEach(() => {
    closeSync(descriptor)
    rmSync(directory, { recursive: true })
  })
  const content = () => readFileSync(join(directory, 'file'), 'utf8')
  const into = (over: Partial<Receiving> = {}): Receiving => ({
    descriptor,
    most: 100,
    stallMilliseconds: 30_000,
    abort: new AbortController().signal,
    ...over,
  })

  async function* body(text: string, end?: Error): AsyncGenerator<Uint8Array> {
    for (const letter of text) yield Buffer.from(letter)
    if (end) throw end
  }
  /** Each answer in turn; remembers what was asked. */
  function source(...answers: OpenedSource[]): { source: Source; asked: [number, string | undefined][] } {
    const asked: [number, string | undefined][] = []
    return {
      asked,
      source: async (from, _, version) => {
        asked.push([from, version])
        const answer = answers.shift()
        if (!answer) throw new Error('asked once more')
        return answer
      },
    }
  }
  const broken = () => new Error('reset')

  test('goes on where it broke off, and sees every byte once', async () => {
    const checksum = new ChecksumWatch({ algorithm: 'sha256', hex: HELLO_WORLD })
    const { source: from, asked } = source(
      { size: 11, version: '"1"', body: body('hello', broken()) },
      { size: 11, at: 5, version: '"1"', body: body(' wo') },
      { size: 11, at: 8, version: '"1"', body: body('rld') },
    )
    const told: number[] = []
    expect(await receive(from, into({ checksum, onProgress: (bytes) => told.push(bytes) }))).toBe(11)
    expect(content()).toBe('hello world')
    checksum.check()
    expect(asked).toEqual([
      [0, undefined],
      [5, '"1"'],
      [8, '"1"'],
    ])
    expect(told.at(-1)).toBe(11)
  })

  test('begins again where the content became another, or nobody can tell', async () => {
    const checksum = new ChecksumWatch({ algorithm: 'sha256', hex: HELLO_WORLD })
    const { source: from, asked } = source(
      { body: body('xxxxxxxxxxxxxxxxxxx', broken()) },
      { size: 5, version: '"2"', body: body('zzz', broken()) },
      { size: 11, at: 0, version: '"3"', body: body('hello world') },
    )
    expect(await receive(from, into({ checksum }))).toBe(11)
    expect(content()).toBe('hello world')
    checksum.check()
    expect(asked.map(([at]) => at)).toEqual([0, 0, 3])
  })

  test('another content than promised is named with both sums', async () => {
    const checksum = new ChecksumWatch({ algorithm: 'sha256', hex: HELLO_WORLD })
    await receive(source({ body: body('hello') }).source, into({ checksum }))
    expect(() => checksum.check()).toThrow(/sha256 is 2cf24dba.*, not b94d27b9/)
  })

  test('gives up after some tries that bring nothing', async () => {
    const nothing = () => ({ size: 5, version: '"1"', body: body('', broken()) })
    const { source: from, asked } = source(nothing(), nothing(), nothing(), nothing(), nothing())
    await expect(receive(from, into())).rejects.toThrow('reset')
    expect(asked).toHaveLength(4)
  })

  test('a body that ends early is an error at last', async () => {
    const short = () => ({ size: 5, at: 0, body: body('123') })
    await expect(receive(source(short(), short(), short(), short()).source, into())).rejects.toThrow(
      'the connection ended after 3 of 5 bytes',
    )
  })

  test('never takes more than was announced or than there is room for', async () => {
    await expect(receive(source({ size: 3, body: body('12345') }).source, into())).rejects.toThrow(/more than the 3 bytes/)
    await expect(receive(source({ size: 101, body: body('1') }).source, into())).rejects.toThrow(/more than the 100 bytes/)
    await expect(receive(source({ body: body('12345') }).source, into({ most: 4 }))).rejects.toThrow(/more than the 4 bytes/)
  })

  const silence: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }

  test('a silence ends it, also of a source that does not listen', async () => {
    const receiving = receive(async () => ({ body: silence }), into({ stallMilliseconds: 50 }))
    await expect(receiving).rejects.toThrow('nothing came for 0.05 s')
    await expect(receive(() => new Promise(() => {}), into({ stallMilliseconds: 50 }))).rejects.toThrow(/nothing came/)
  })

  test('who aborts does not wait for the source', async () => {
    const aborting = new AbortController()
    const receiving = receive(async () => ({ body: silence }), into({ abort: aborting.signal }))
    aborting.abort(new Error('destroyed'))
    await expect(receiving).rejects.toThrow('destroyed')
  })
})
