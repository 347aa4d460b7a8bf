/**
 * How URIs of some schemes are had. Those of `http` and `https` are built in; a module of --fetcher_modules brings others: it exports
 * `createFetcherScheme(options)`, which answers one of these (docs/guide/fetcher.md).
 */
export interface FetcherScheme {
  /** In small letters: `['ftp', 'ftps']`. */
  readonly schemes: readonly string[]
  /** How long a silence is no reason to give up is the source's own business. */
  readonly patient?: boolean | undefined
  /**
   * The content from a byte on. `version` is what an earlier answer for the same URI said; a content of another version is to be sent from its
   * beginning. Must end when `abort` does.
   */
  open(uri: string, from: number, abort: AbortSignal, version?: string): Promise<OpenedSource>
}

export interface OpenedSource {
  /** Of the whole content, also where only a part of it comes. */
  readonly size?: number | undefined
  /** Where the body begins. Absent: where it was asked for. */
  readonly at?: number | undefined
  /** Tells this content from others that the URI may stand for. Without it a body that breaks off is had from its beginning again. */
  readonly version?: string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** What modules are told. */
export interface SchemeOptions {
  readonly stallMilliseconds: number
}

/** A source that knows its URI. */
export type Source = (from: number, abort: AbortSignal, version?: string) => Promise<OpenedSource>
