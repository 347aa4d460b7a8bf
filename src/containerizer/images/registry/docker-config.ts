import { readFile } from 'node:fs/promises'
import { JsonFields } from '../json-fields.js'
import { canonicalHost, DOCKER_HUB } from '../reference.js'
import { askHelper } from './credential-helper.js'
import { RegistryErrors } from './errors.js'

/** Who asks. */
export type Login =
  | { readonly username: string; readonly password: string }
  /** To be changed for a token by POST. */
  | { readonly identityToken: string }
  /** A token as it is. */
  | { readonly registryToken: string }

/** Where logins come from; asked anew for each pull, since files and helpers change. */
export interface Logins {
  find(host: string, repository: string): Promise<Login | undefined>
}

const MOST_BYTES = 1024 * 1024
/** What Docker calls its own registry there. */
const HUB_KEY = 'https://index.docker.io/v1/'

/** The flag `--docker_config`: the path of a config.json, or what stands in one. */
export function loginsOfFlag(value: string | undefined): Logins {
  if (value === undefined || value.trim() === '') return { find: async () => undefined }
  if (value.trim().startsWith('{')) return loginsOf(Buffer.from(value), '--docker_config', true)
  const path = value.replace(/^file:\/\//, '')
  return { find: async (host, repository) => loginsOf(await read(path), path, true).find(host, repository) }
}

/** Of the agent's user helpers are run (`helpers`); what comes with an image names no program that runs on this host. */
export function loginsOf(bytes: Uint8Array, where: string, helpers: boolean): Logins {
  const config = parse(bytes, where)
  return {
    async find(host, repository) {
      const helper = helpers ? helperFor(config, host) : undefined
      const found = helper === undefined ? undefined : await askHelper(helper, host === DOCKER_HUB ? HUB_KEY : host)
      return found ?? config.auths.filter(({ key }) => covers(key, host, repository)).sort(byLength)[0]?.login
    },
  }
}

interface Config {
  readonly auths: readonly { readonly key: string; readonly login: Login }[]
  readonly helpers: Readonly<Record<string, string>>
  readonly store: string | undefined
}

function parse(bytes: Uint8Array, where: string): Config {
  const fields = JsonFields.parse(bytes, where)
  // Before Docker 1.7 the file was the list of logins itself.
  const auths = fields.fields('auths') ?? (hasNewKeys(fields) ? undefined : fields)
  return {
    auths: Object.keys(auths?.object ?? {}).flatMap((key) => {
      const login = loginIn(auths?.fields(key))
      return login ? [{ key: hostAndPath(key), login }] : []
    }),
    helpers: fields.textMap('credHelpers') ?? {},
    store: fields.text('credsStore') || undefined,
  }
}

const hasNewKeys = ({ object }: JsonFields): boolean =>
  Object.values(object).some((value) => typeof value !== 'object') || 'credHelpers' in object

function loginIn(fields: JsonFields | undefined): Login | undefined {
  if (!fields) return undefined
  const identityToken = fields.text('identitytoken')
  if (identityToken) return { identityToken }
  const registryToken = fields.text('registrytoken')
  if (registryToken) return { registryToken }
  const [username, password] = [fields.text('username'), fields.text('password')]
  if (username && password !== undefined) return { username, password }
  const both = Buffer.from(fields.text('auth') ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '')
  const colon = both.indexOf(':')
  return colon > 0 ? { username: both.slice(0, colon), password: both.slice(colon + 1) } : undefined
}

/** `https://index.docker.io/v1/` is docker.io, `https://h:5000/v2/` h:5000; a path that is none of the API's narrows it, as in containers' auth.json. */
function hostAndPath(key: string): string {
  const [host = '', ...path] = key.replace(/^https?:\/\//, '').split('/')
  const narrowed = path.filter((part) => part !== '').join('/')
  return [canonicalHost(host), ...(/^(v1|v2)?(\/.*)?$/.test(narrowed) ? [] : [narrowed])].join('/')
}

const covers = (key: string, host: string, repository: string): boolean => `${host}/${repository}/`.startsWith(`${key}/`)
const byLength = (a: { key: string }, b: { key: string }): number => b.key.length - a.key.length

function helperFor({ helpers, store }: Config, host: string): string | undefined {
  return Object.entries(helpers).find(([key]) => hostAndPath(key) === host)?.[1] ?? store
}

async function read(path: string): Promise<Buffer> {
  const content = await readFile(path).catch((error: Error) => {
    throw RegistryErrors.CONFIG_UNREADABLE({ path, why: error.message }, error)
  })
  if (content.length > MOST_BYTES) throw RegistryErrors.CONFIG_UNREADABLE({ path, why: `it is larger than ${MOST_BYTES} bytes` })
  return content
}
