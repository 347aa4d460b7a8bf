import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BYTES = 6 * 1024 ** 3

/**
 * A freshly made ext4 on a loop device. On a used one new files take many times longer as soon as some were deleted lately, whoever makes them
 * (performance.md §3), so each figure gets one of its own.
 */
export class FreshDisk {
  readonly path: string
  private readonly file: string

  constructor(directory: string, name: string) {
    this.path = join(directory, `${name}-disk`)
    this.file = `${this.path}.ext4`
    mkdirSync(this.path)
    writeFileSync(this.file, '')
    truncateSync(this.file, BYTES)
    // All inode tables now: the kernel would make them in the background otherwise, beside what is measured.
    execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', this.file])
    execFileSync('mount', ['-o', 'loop', this.file, this.path])
  }

  remove(): void {
    // Mounts that a peer left inside go with it.
    execFileSync('umount', ['-R', '-l', this.path])
    rmSync(this.file)
    rmSync(this.path, { recursive: true })
  }
}
