import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { RegistryErrors } from './errors.js'

/** Where distributions keep the authorities that this machine trusts; Node knows only those that it was built with. */
const SYSTEM = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

/** Docker's, one directory a host. */
export const DOCKER_CERTIFICATES = '/etc/docker/certs.d'

/** Whom to trust and who to be towards a server. */
export interface Trust {
  /** Files of authorities, beside those of the system. */
  readonly authorities: readonly string[]
  readonly client?: { readonly certificate: string; readonly key: string } | undefined
}

export interface ServerTrust extends Trust {
  /** Whether it must prove who it is. */
  readonly verify: boolean
}

export function secureContext({ authorities, client }: Trust): SecureContext {
  return createSecureContext({
    ca: [...rootCertificates, ...systemAuthorities(), ...authorities.map(readCertificate)],
    ...(client && { cert: readCertificate(client.certificate), key: readCertificate(client.key) }),
  })
}

/** What is in Docker's directory for a registry: `*.crt` are authorities, `x.cert` and `x.key` a certificate of ours. */
export function trustFor(host: string, ca: string | undefined, directory: string): Trust {
  const place = join(directory, host)
  const names = listed(place).sort()
  const own = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/cert$/, 'key')))
  return {
    authorities: [
      ...(ca === undefined ? [] : [ca]),
      ...names.filter((name) => name.endsWith('.crt')).map((name) => join(place, name)),
    ],
    client: own === undefined ? undefined : { certificate: join(place, own), key: join(place, own.replace(/cert$/, 'key')) },
  }
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // most registries have none
  }
}

function systemAuthorities(): string[] {
  for (const path of SYSTEM) {
    try {
      return [readFileSync(path, 'utf8')]
    } catch {
      // another distribution
    }
  }
  return []
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw RegistryErrors.CERTIFICATE_UNREADABLE({ path, why: (error as Error).message }, error)
  }
}
