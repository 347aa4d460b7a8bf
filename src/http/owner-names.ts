import { readFile } from 'node:fs/promises'

/** Names of users and groups; the number where there is none. */
export interface OwnerNames {
  user(uid: number): string
  group(gid: number): string
}

export async function readOwnerNames(): Promise<OwnerNames> {
  const [users, groups] = await Promise.all([readNames('/etc/passwd'), readNames('/etc/group')])
  return { user: (uid) => users.get(String(uid)) ?? String(uid), group: (gid) => groups.get(String(gid)) ?? String(gid) }
}

/** Both files begin with `name:password:number`. Of several names of a number the first holds. */
async function readNames(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const names = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':')
    if (name && number && !names.has(number)) names.set(number, name)
  }
  return names
}
