import type { Host } from '#host/host.js'
import { ProjectAction } from '#wire/native.js'
import { diskXfs } from '../isolators/disk-xfs.js'

/** Rejects when an isolator in use needs a file system that the one of the work directory is not. */
export async function probeDisk(isolation: readonly string[], host: Host, workDirectory: string): Promise<void> {
  if (isolation.includes(diskXfs.name)) await host.project({ action: ProjectAction.PROBE, directory: workDirectory })
}
