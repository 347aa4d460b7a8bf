import { readFile } from 'node:fs/promises'

interface MountLine {
  readonly point: string
  readonly type: string
  /** Of the file system, not of the mount. */
  readonly options: readonly string[]
}

export async function mountTable(): Promise<MountLine[]> {
  return (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').flatMap(parseLine)
}

/** One line: `36 35 98:0 /root /point rw - type source options`; blanks in paths are octal escapes. */
function parseLine(line: string): MountLine[] {
  const [before, after] = line.split(' - ')
  const point = before?.split(' ')[4]
  const [type, , options] = after?.split(' ') ?? []
  if (!point || !type) return []
  const path = point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return [{ point: path, type, options: options?.split(',') ?? [] }]
}
