import type { Digest } from './digest.js'
import type { ImageRuntimeConfig } from './runtime-config.js'

/** What somebody wants to run, whatever brings it. */
export interface WantedImage {
  readonly kind: 'docker' | 'appc'
  /** As it was written: `alpine`, `quay.io/a/b@sha256:…`, `/srv/images/web.tar`. */
  readonly name: string
  /** Appc only: the image's id, and what it must be labelled. */
  readonly id?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** False: look whether the name stands for something newer (row 6-074). */
  readonly cached: boolean
  /** Content of a docker config.json that is used in place of the agent's. */
  readonly dockerConfig?: Uint8Array | undefined
}

/** An image whose parts are known, before they are here. Comes from a provider. */
export interface ResolvedImage {
  /** Canonical, with host and tag or digest: under this it is listed. */
  readonly name: string
  /** Of the manifest, or of what else makes the image what it is. */
  readonly digest: Digest
  readonly config: ImageRuntimeConfig
  /** Lowest first. */
  readonly layers: readonly LayerSource[]
  /** Instead of layers: directories that somebody else keeps, topmost first (CVMFS, network file systems, local directories). */
  readonly directories?: readonly string[] | undefined
  /** Bytes as they stand, for `inspect`. */
  readonly manifest?: Uint8Array | undefined
  readonly rawConfig?: Uint8Array | undefined
  /** What was made for it on this host goes. To be called once, when its layers are here or nobody wants them any more. */
  readonly close?: (() => Promise<void>) | undefined
}

export interface LayerSource {
  /** Of its bytes as they come. Absent: nobody has said, and what comes counts. */
  readonly digest?: Digest | undefined
  /** Of the archive without compression. */
  readonly diffId?: Digest | undefined
  readonly size?: number | undefined
  /** Where it lies on this host … */
  readonly file?: { readonly path: string; readonly offset?: number; readonly size?: number } | undefined
  /** … or how its bytes are had; called again with what is missing when they break off. */
  open?(from: number, abort: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** What `open` gave was not what it should be. Answers whether somebody else can be asked: then it is opened again, from the beginning. */
  distrust?(): boolean
  /** As in `UnpackRequest`. */
  readonly strip?: string | undefined
  /** Without it `.wh.` names are names like any other. */
  readonly whiteouts: boolean
}

/** An image that is here. */
export interface StoredImage {
  readonly name: string
  readonly digest: Digest
  readonly config: ImageRuntimeConfig
  /** Directories on this host, topmost first. At least one. */
  readonly layers: readonly string[]
  /** On the disk, shared layers counted in full. */
  readonly bytes: number
}
