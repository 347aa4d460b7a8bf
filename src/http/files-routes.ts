import { doubleText } from '#wire/json-writer.js'
import { type Answer, json, type Request } from './answer.js'
import { HttpErrors } from './errors.js'
import type { FileEntry, Files } from './files.js'
import type { Server } from './server.js'

/** /files/browse, read, download and debug (3-082). */
export function routeFiles(server: Server, files: Files): void {
  const options = { prefixed: false }
  server.route('/files/browse', async (request) => json(request, listing(await files.browse(pathOf(request)))), options)
  server.route('/files/read', async (request) => read(files, request), options)
  server.route('/files/download', async (request) => download(files, request), options)
  server.route('/files/debug', (request) => json(request, JSON.stringify(Object.fromEntries(files.list()))), options)
}

async function read(files: Files, request: Request): Promise<Answer> {
  const path = pathOf(request)
  const offset = numberOf(request, 'offset')
  const length = numberOf(request, 'length')
  const { size, data } = await files.read(path, offset, length)
  // Text, as the endpoint always was; READ_FILE and download are the ones for bytes.
  return json(request, JSON.stringify({ data: data.toString(), offset: offset ?? size }))
}

async function download(files: Files, request: Request): Promise<Answer> {
  const { file, size, name } = await files.openForDownload(pathOf(request)).catch((error) => {
    // Mesos' router answers here, not the files' own code, hence other words.
    if (error.code === 'HTTP_FILE_NOT_FOUND') throw HttpErrors.PATH_NOT_FOUND({})
    throw error
  })
  const headers = {
    'Content-Length': String(size),
    // A name with a line break or a quote would end the header or the name early.
    'Content-Disposition': `attachment; filename=${name.replace(/[^\x20-\x7e]|["\\;]/g, '_')}`,
    'Content-Type': 'application/octet-stream',
  }
  if (size === 0 || request.method === 'HEAD') {
    await file.close()
    return { status: 200, headers }
  }
  // A log may grow meanwhile: what was announced is sent.
  return { status: 200, headers, body: file.createReadStream({ start: 0, end: size - 1 }) }
}

function pathOf(request: Request): string {
  const { path } = request.query
  if (!path) throw HttpErrors.FILE_PATH_MISSING({})
  return path
}

/** -1 says the same as nothing. */
function numberOf(request: Request, field: string): number | undefined {
  const value = request.query[field]
  if (value === undefined) return undefined
  if (!/^-?\d{1,15}$/.test(value)) throw HttpErrors.FILE_NUMBER_INVALID({ field, value })
  return fileNumber(field, Number(value))
}

/** An offset or length that a client gave: -1 says the same as nothing, what is less is refused. */
export function fileNumber(field: string, value: number): number | undefined {
  if (value < -1) throw HttpErrors.FILE_NUMBER_NEGATIVE({ field, value })
  return value === -1 ? undefined : value
}

function listing(entries: readonly FileEntry[]): string {
  const shown = entries.map((each) =>
    [
      `"gid":${JSON.stringify(each.gid)}`,
      `"mode":"${modeText(each.mode)}"`,
      `"mtime":${doubleText(each.mtimeSeconds)}`,
      `"nlink":${each.nlink}`,
      `"path":${JSON.stringify(each.path)}`,
      `"size":${each.size}`,
      `"uid":${JSON.stringify(each.uid)}`,
    ].join(','),
  )
  return shown.length === 0 ? '[]' : `[{${shown.join('},{')}}]`
}

const KINDS: Readonly<Record<number, string>> = { 1: 'p', 2: 'c', 4: 'd', 6: 'b', 8: '-', 10: 'l', 12: 's' }

/** As `ls -l` shows it. */
export function modeText(mode: number): string {
  const permissions = [...'rwxrwxrwx'].map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'))
  return (KINDS[mode >> 12] ?? '?') + permissions.join('')
}
