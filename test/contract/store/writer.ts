// A process that writes to an embedded store and says so: `writer <path> once|endless`. Watched and killed by durability.test.ts.
import { writeSync } from 'node:fs'
import { EmbeddedStore } from '#store/embedded.js'

const say = (line: string) => writeSync(1, `${line}\n`)

/** Keys of one round; all have the same value, so that half a write can be seen. */
const ROUND = Array.from({ length: 50 }, (_, i) => `round/${String(i).padStart(3, '0')}`)

async function once(store: EmbeddedStore): Promise<void> {
  await store.write([{ put: 'warm', value: Buffer.from('up') }])
  for (let i = 0; i < 5; i++) {
    say(`begin ${i}`)
    await store.write([{ put: 'key', value: Buffer.from(String(i)) }])
    say(`resolved ${i}`)
  }
  await store.close()
}

async function endless(store: EmbeddedStore): Promise<void> {
  for (let i = 0; ; i++) {
    const value = Buffer.from(String(i))
    await store.write(ROUND.map((key) => ({ put: key, value })))
    say(String(i))
  }
}

/** Fills the disk that it has, then makes room, then writes again. */
async function full(store: EmbeddedStore): Promise<void> {
  const value = Buffer.alloc(64 * 1024, 'x')
  let written = 0
  try {
    for (; written < 1000; written++) await store.write([{ put: `fill/${written}`, value }])
    say('never full')
  } catch (error) {
    say(`refused ${(error as { code: string }).code} after ${written}`)
  }
  for (const { key } of await store.range('fill/')) {
    if (key > 'fill/2') await store.write([{ delete: key }])
  }
  await store.write([{ put: 'after', value: Buffer.from('works') }])
  say(`after: ${await store.get('after')}`)
  await store.close()
}

const [path, mode] = process.argv.slice(2)
const store = new EmbeddedStore({ path: path as string })
void { once, endless, full }[mode as 'once' | 'endless' | 'full'](store)
