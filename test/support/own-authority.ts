/** Certificates of an authority that nobody else knows. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly certificate: string
  readonly key: string
}

export class OwnAuthority {
  /** What who shall trust it must know. */
  readonly file: string
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    this.file = join(directory, 'authority.crt')
    openssl(
      'req',
      '-x509',
      ...newKey(this.#key('authority')),
      '-subj',
      '/CN=authority of the tests',
      '-days',
      '2',
      '-out',
      this.file,
    )
  }

  /** For 127.0.0.1, localhost and registry.example. */
  issue(name: string): Certificate {
    const [request, certificate, extensions] = ['csr', 'crt', 'cnf'].map((ending) => join(this.#directory, `${name}.${ending}`))
    writeFileSync(extensions!, 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.example')
    openssl('req', ...newKey(this.#key(name)), '-subj', `/CN=${name}`, '-out', request!)
    const signer = ['-CA', this.file, '-CAkey', this.#key('authority'), '-CAcreateserial', '-days', '2']
    openssl('x509', '-req', '-in', request!, ...signer, '-extfile', extensions!, '-out', certificate!)
    return { certificate: readFileSync(certificate!, 'utf8'), key: readFileSync(this.#key(name), 'utf8') }
  }

  #key(name: string): string {
    return join(this.#directory, `${name}.key`)
  }
}

const newKey = (file: string): string[] => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-keyout',
  file,
]

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
