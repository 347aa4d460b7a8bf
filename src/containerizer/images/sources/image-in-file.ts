import type { ResolvedImage } from '../image.js'
import { type ArchiveFile, openArchive, type Tools } from './archive-file.js'
import { dockerArchive } from './docker-archive.js'
import { SourceErrors } from './errors.js'
import { directoryFiles, type ImageFiles } from './image-files.js'
import { ociLayout } from './oci-layout.js'

const MARKS = ['manifest.json', 'repositories', 'oci-layout']

/** An image in one file: of `docker save`, an OCI layout, or nothing but the files of a root. `choice` is which one, where there are many. */
export async function imageInFile(path: string, name: string, choice: string | undefined, tools: Tools): Promise<ResolvedImage> {
  const archive = await openArchive(path, MARKS, tools)
  if (archive.marks.size === 0) return rootfs(archive, name, choice)
  return (await imageIn(await archive.files(), name, choice))!
}

/** The same, unpacked in a directory. */
export async function imageInDirectory(directory: string, name: string, choice: string | undefined): Promise<ResolvedImage> {
  const image = await imageIn(directoryFiles(directory), name, choice)
  if (!image) throw SourceErrors.FILE_MISSING({ where: directory, file: 'oci-layout or manifest.json' })
  return image
}

/** What is both, as some tools write it, is an OCI layout: that has more digests. */
async function imageIn(files: ImageFiles, name: string, choice: string | undefined): Promise<ResolvedImage | undefined> {
  return (await ociLayout(files, name, choice)) ?? (await dockerArchive(files, name, choice))
}

/** One layer, and no word of how it is run. */
async function rootfs({ path, size, digests }: ArchiveFile, name: string, choice: string | undefined): Promise<ResolvedImage> {
  if (choice !== undefined) throw SourceErrors.CHOICE_MISSING({ where: path, wanted: choice, names: '' })
  const { digest, diffId } = await digests()
  return { name, digest, config: {}, layers: [{ digest, diffId, size, file: { path }, whiteouts: false }] }
}
