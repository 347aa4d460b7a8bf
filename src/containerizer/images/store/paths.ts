import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'

/** Where things lie in a store. All is on one file system: what is ready becomes so by a rename. */
export class StorePaths {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  readonly in = (name: 'layers' | 'staging' | 'images' | 'trash'): string => join(this.root, name)
  readonly layer = (key: string): string => join(this.root, 'layers', key)
  readonly image = (id: string): string => join(this.root, 'images', `${id}.json`)
  readonly staged = (): string => join(this.root, 'staging', randomUUID())
  readonly trashed = (): string => join(this.root, 'trash', randomUUID())
}

/** Files of a layer are here in its directory, beside its record: its own names cannot collide with ours. */
export const rootOfLayer = (directory: string): string => join(directory, 'root')
export const recordOfLayer = (directory: string): string => join(directory, 'layer.json')

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
