// Serves directories as images: of CVMFS (/cvmfs/unpacked.cern.ch has one directory for each image), of a network file system, of anything that is mounted.
// Nothing is copied. Beside a directory `name` a file `name.json` may say how it is run, with the fields of ImageRuntimeConfig.
//
//   MESETA_IMAGE_DIRECTORIES=/srv/images meseta agent … --image_providers=/path/to/directory-images.mjs,docker
import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = /^[\w-][\w.:-]*(\/[\w-][\w.:-]*)*$/

export function createImageProvider() {
  const root = process.env.MESETA_IMAGE_DIRECTORIES ?? '/cvmfs/unpacked.cern.ch'
  return {
    name: 'directories',
    // Asked for every image, in the order of --image_providers: what is not ours is left to the next one.
    takes: ({ kind, name }) => kind === 'docker' && name.startsWith('dir/') && NAME.test(name),
    async resolve({ name }) {
      const directory = await realpath(join(root, name.slice('dir/'.length)))
      const { mtimeMs } = await stat(directory)
      // What makes it what it is: another digest is another image.
      const digest = `sha256:${createHash('sha256').update(`${directory} ${mtimeMs}`).digest('hex')}`
      return { name, digest, config: await configOf(directory), layers: [], directories: [directory] }
    },
  }
}

async function configOf(directory) {
  const text = await readFile(`${directory}.json`, 'utf8').catch(() => '{}')
  return JSON.parse(text)
}
