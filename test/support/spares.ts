import { readdir } from 'node:fs/promises'

/** Of the changes of containers in a directory: those that this process keeps, emptied, for its next container. */
export const sparesIn = async (directory: string): Promise<string[]> => (await readdir(directory)).filter(isSpare)

/** And all others. */
export const changesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => !isSpare(name)).sort()

const isSpare = (name: string): boolean => name.startsWith(`.spare-${process.pid}-`)
