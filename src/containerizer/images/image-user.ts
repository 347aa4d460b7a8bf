import type { HostUser } from '#host/host.js'
import { ImageErrors } from './errors.js'
import { type IsOpaque, readInLayers } from './layered-file.js'

/** 4294967295 means "leave it as it is" to the kernel (S8). */
const LARGEST_ID = 0xffff_fffe
const MOST_BYTES = 1024 * 1024

/**
 * The USER of an image, `user[:group]`, by the image's own /etc/passwd and /etc/group (row 9-067). Numbers need no entry; a user without one has group 0, as
 * in Docker: many images give their files to that group. Supplementary groups come only with a user who brings no group.
 */
export async function imageUser(text: string, layers: readonly string[], isOpaque: IsOpaque): Promise<HostUser> {
  const [user = '', group, ...more] = text.split(':')
  if (more.length > 0 || user === '' || group === '') throw ImageErrors.USER_INVALID({ user: text })
  const read = async (path: string) => table(await readInLayers(layers, path, MOST_BYTES, isOpaque))
  const [passwd, groups] = await Promise.all([read('etc/passwd'), read('etc/group')])
  const found = passwd.find(([name]) => name === user) ?? passwd.find(([, , uid]) => uid === user && isId(user))
  const uid = idOf(found?.[2]) ?? idOf(user)
  if (uid === undefined) throw ImageErrors.USER_UNKNOWN({ user, file: '/etc/passwd' })
  const name = found?.[0] ?? user
  const gid = group === undefined ? (idOf(found?.[3]) ?? 0) : groupId(group, groups)
  const others = group === undefined ? memberships(name, groups) : []
  return {
    name,
    identity: { uid, gid, groups: [...new Set([gid, ...others])] },
    home: found?.[5] || '/',
    shell: found?.[6] || '/bin/sh',
  }
}

function groupId(group: string, groups: readonly string[][]): number {
  const gid = idOf(groups.find(([name]) => name === group)?.[2]) ?? idOf(group)
  if (gid === undefined) throw ImageErrors.USER_UNKNOWN({ user: group, file: '/etc/group' })
  return gid
}

function memberships(user: string, groups: readonly string[][]): number[] {
  const member = groups.filter(([, , , members = '']) => members.split(',').includes(user))
  return member.map(([, , gid]) => idOf(gid)).filter((gid) => gid !== undefined)
}

/** Lines of fields. */
const table = (bytes: Buffer | undefined): string[][] =>
  (bytes?.toString('utf8') ?? '').split('\n').map((line) => line.split(':'))

const isId = (text: string): boolean => /^(0|[1-9]\d{0,9})$/.test(text)

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && isId(text) && Number(text) <= LARGEST_ID ? Number(text) : undefined
}
