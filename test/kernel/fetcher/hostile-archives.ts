/** Archives that no tool would make. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Member {
  readonly name: string
  /** Of tar: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory, 6 pipe. */
  readonly type?: string
  readonly mode?: number
  readonly link?: string
  readonly content?: string | Buffer
}

export function tarOf(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.flatMap(tarMember), Buffer.alloc(1024)])
}

function tarMember({ name, type = '0', mode = 0o644, link = '', content = '' }: Member): Buffer[] {
  const data = Buffer.from(content)
  const header = Buffer.alloc(512)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(data.length, 12), 124)
  header.write(octal(1_700_000_000, 12), 136)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write('ustar\x0000', 257)
  header.write(octal(1, 8), 329)
  header.write(octal(3, 8), 337)
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  )
  return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
}

const MODES: Readonly<Record<string, number>> = { '0': 0o100_000, '2': 0o120_000, '3': 0o020_000, '5': 0o040_000, '6': 0o010_000 }

/** `repeat`: each of them is so many times in the list, with one content. */
export function zipOf(members: readonly Member[], { repeat = 1 }: { repeat?: number } = {}): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const { name, type = '0', mode = 0o644 } = member
    const data = Buffer.from(type === '2' ? (member.link ?? '') : (member.content ?? ''))
    const method = data.length > 1000 ? 8 : 0
    const stored = method === 8 ? deflateRawSync(data, { level: 9 }) : data
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(stored.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((MODES[type] ?? 0) | mode) * 0x10000, 6)
    tail.writeUInt32LE(offset, 10)
    const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, Buffer.from(name)])
    list.push(...Array.from({ length: repeat }, () => entry))
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), stored])
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(list.length, 8)
  end.writeUInt16LE(list.length, 10)
  end.writeUInt32LE(Buffer.concat(list).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...list, end])
}
