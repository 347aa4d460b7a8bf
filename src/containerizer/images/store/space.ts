import type { StatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { StoreErrors } from './errors.js'

/** Of the file system stays free whatever images are brought: others need some too. */
const RESERVED = 0.05
const MOST_RESERVED = 2 * 2 ** 30
/** How much is written before it is looked again. */
const BETWEEN_LOOKS = 32 * 2 ** 20

/** Honest archives of much the same are packed this tightly at most; what would grow more is taken for a bomb (S62). */
const GROWTH = 256
/** … but a small one may. */
const ALWAYS_ALLOWED = 2 ** 30

export interface Room {
  readonly free: number
  readonly total: number
  readonly reserve: number
}

type DiskLook = (directory: string) => Promise<Pick<StatsFs, 'bsize' | 'blocks' | 'bavail'>>

/** What the disk of the store has room for. */
export class Space {
  readonly #directory: string
  readonly #look: DiskLook

  constructor(directory: string, look: DiskLook = statfs) {
    this.#directory = directory
    this.#look = look
  }

  async room(): Promise<Room> {
    const { bsize, blocks, bavail } = await this.#look(this.#directory)
    const total = blocks * bsize
    return { free: bavail * bsize, total, reserve: Math.min(total * RESERVED, MOST_RESERVED) }
  }

  /** Throws when so much cannot be written, not even after `make` has made some room. */
  async refuseLack(needed: number, make?: (bytes: number) => Promise<unknown>): Promise<void> {
    let room = await this.room()
    const lack = needed - (room.free - room.reserve)
    if (lack > 0 && make) {
      await make(lack)
      room = await this.room()
    }
    if (room.free - room.reserve < needed) throw this.#lack(needed, room)
  }

  /** How many bytes may come out of so many. */
  async mostBytes(size: number | undefined): Promise<number> {
    const { free, reserve } = await this.room()
    const byDisk = Math.max(0, Math.floor(free - reserve))
    return size === undefined ? byDisk : Math.min(byDisk, Math.max(size * GROWTH, ALWAYS_ALLOWED))
  }

  /** To be told how much was written so far; calls back, at most once, when what must stay free no longer does. */
  watch(onLack: (why: Error) => void): (written: number) => void {
    let next = BETWEEN_LOOKS
    const look = async (): Promise<void> => {
      const room = await this.room()
      if (room.free < room.reserve) onLack(this.#lack(1, room))
    }
    return (written) => {
      if (written < next) return
      next = written + BETWEEN_LOOKS
      look().catch(() => undefined) // the write itself says what is wrong with the disk
    }
  }

  #lack(needed: number, { free, reserve }: Room): Error {
    return StoreErrors.NO_SPACE({ needed, free, reserve: Math.ceil(reserve), directory: this.#directory })
  }
}
