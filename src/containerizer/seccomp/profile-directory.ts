import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SecurityErrors } from '../security/errors.js'
import { type DockerProfile, parseProfile } from './profile.js'

export interface NamedProfile {
  /** For sentences. */
  readonly name: string
  /** Two profiles of one key are the same. */
  readonly key: string
  readonly profile: DockerProfile
}

/** `--seccomp_config_dir`: profiles as files in Docker's format. They may change while the agent runs; each task gets what stands there when it starts. */
export class ProfileDirectory {
  readonly #directory: string | undefined

  constructor(directory: string | undefined) {
    this.#directory = directory
  }

  /** For the start of the agent. */
  readNow(name: string): NamedProfile {
    const path = this.#pathOf(name)
    try {
      return named(name, readFileSync(path, 'utf8'))
    } catch (error) {
      throw readable(path, error)
    }
  }

  async read(name: string): Promise<NamedProfile> {
    const path = this.#pathOf(name)
    try {
      return named(name, await readFile(path, 'utf8'))
    } catch (error) {
      throw readable(path, error)
    }
  }

  /** The name comes from a scheduler: nothing but a file of the directory itself can be meant (S11). */
  #pathOf(name: string): string {
    if (!/^[^/\0]{1,255}$/.test(name) || name === '.' || name === '..')
      throw SecurityErrors.SECCOMP_NAME_INVALID({ profile: name })
    if (this.#directory === undefined) throw SecurityErrors.SECCOMP_NO_DIRECTORY({ profile: name })
    return join(this.#directory, name)
  }
}

const named = (name: string, text: string): NamedProfile => ({ name, key: text, profile: parseProfile(name, text) })

const readable = (path: string, error: unknown): Error => {
  const { code } = error as NodeJS.ErrnoException
  if (code?.startsWith('SECURITY_')) return error as Error
  return SecurityErrors.SECCOMP_MISSING({ path, why: code === 'ENOENT' ? 'there is no such file' : (error as Error).message })
}
