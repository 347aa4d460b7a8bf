import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FetcherErrors } from './errors.js'
import type { FetcherScheme, SchemeOptions } from './scheme.js'

/** Of --fetcher_modules. Throws a sentence when one of them is none. */
export async function loadSchemes(modules: readonly string[], options: SchemeOptions): Promise<FetcherScheme[]> {
  return Promise.all(modules.map((module) => load(module, options)))
}

async function load(module: string, options: SchemeOptions): Promise<FetcherScheme> {
  try {
    const loaded = (await import(pathToFileURL(resolve(module)).href)) as Record<string, unknown>
    const { createFetcherScheme: create } = loaded
    if (typeof create !== 'function') throw new Error('it exports no function createFetcherScheme')
    const scheme: unknown = await create(options)
    if (!isScheme(scheme)) throw new Error('createFetcherScheme does not answer { schemes, open }')
    return scheme
  } catch (error) {
    throw FetcherErrors.MODULE_UNUSABLE({ module, why: (error as Error).message }, error)
  }
}

function isScheme(value: unknown): value is FetcherScheme {
  const { schemes, open } = (value ?? {}) as Partial<FetcherScheme>
  const isName = (name: unknown): boolean => typeof name === 'string' && /^[a-z][a-z0-9+.-]*$/.test(name)
  return typeof open === 'function' && Array.isArray(schemes) && schemes.length > 0 && schemes.every(isName)
}
