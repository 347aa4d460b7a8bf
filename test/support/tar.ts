/** One entry of an archive that a test makes; what is left out is a regular file of root's. */
export interface TarEntry {
  name: string
  content?: string | Buffer
  type?: string
  link?: string
  mode?: number
  uid?: number
  gid?: number
  mtime?: number
  device?: [number, number]
  /** Records of an extended header before it. */
  pax?: Record<string, string | Buffer>
}

const BLOCK = 512

/** A tar archive, ustar with PAX, byte for byte as asked: also of what no tool would write. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(partsOf), Buffer.alloc(2 * BLOCK)])
}

function partsOf(entry: TarEntry): Buffer[] {
  const content = Buffer.from(entry.content ?? '')
  const own = [header(entry, content.length), padded(content)]
  if (!entry.pax) return own
  const records = Buffer.concat(Object.entries(entry.pax).map(([key, value]) => record(key, Buffer.from(value))))
  return [header({ name: 'pax', type: 'x' }, records.length), padded(records), ...own]
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, width: number) => block.write(value.toString(8).padStart(width - 1, '0'), at)
  block.write(entry.name, 0, 100)
  octal(entry.mode ?? 0o644, 100, 8)
  octal(entry.uid ?? 0, 108, 8)
  octal(entry.gid ?? 0, 116, 8)
  octal(size, 124, 12)
  octal(entry.mtime ?? 1_600_000_000, 136, 12)
  block.write(entry.type ?? '0', 156)
  block.write(entry.link ?? '', 157, 100)
  block.write('ustar\x0000', 257)
  octal(entry.device?.[0] ?? 0, 329, 8)
  octal(entry.device?.[1] ?? 0, 337, 8)
  block.fill(' ', 148, 156)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return block
}
