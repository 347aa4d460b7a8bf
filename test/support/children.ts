import { readdir, readFile } from 'node:fs/promises'

/** Of all threads of a process. */
export async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')))
  return lists
    .join(' ')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
}
