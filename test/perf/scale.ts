import { FOUR_LAYERS, ONE_LAYER, type Recipe, TINY, TWELVE_LAYERS } from './sample-images.js'

/** How much is done for each figure. */
export interface Scale {
  /** Before what is measured: daemons run for months, and JavaScript is slow until it has been compiled. */
  readonly warmUps: number
  /** Starts in a row, of what is fast and of what is slow. */
  readonly starts: number
  readonly slowStarts: number
  readonly bursts: readonly number[]
  readonly liveTasks: number
  readonly liveContainers: number
  /** Idle ones of ours at once. */
  readonly crowd: number
  readonly restarts: readonly number[]
  /** How long a cluster has nothing to do before it is looked at, and for how long then. */
  readonly restMs: number
  readonly idleMs: number
  /** How often each image is brought, and which. */
  readonly pulls: number
  readonly images: readonly Recipe[]
  /** In a sandbox that is measured. */
  readonly files: number
}

export const FULL: Scale = {
  warmUps: 1000,
  starts: 400,
  slowStarts: 40,
  bursts: [200, 1000],
  liveTasks: 100,
  liveContainers: 20,
  crowd: 2000,
  restarts: [50, 1000],
  restMs: 3000,
  idleMs: 60_000,
  pulls: 3,
  files: 100_000,
  images: [FOUR_LAYERS, ONE_LAYER, TWELVE_LAYERS],
}

/** Everything once, to see that it works. */
export const SHORT: Scale = {
  warmUps: 2,
  starts: 3,
  slowStarts: 1,
  bursts: [4],
  liveTasks: 2,
  liveContainers: 1,
  crowd: 3,
  restarts: [2],
  restMs: 0,
  idleMs: 200,
  pulls: 1,
  files: 200,
  images: [TINY],
}

/** For what does nothing but by its own numbers. */
export const NOTHING: Scale = {
  warmUps: 0,
  starts: 0,
  slowStarts: 0,
  bursts: [],
  liveTasks: 0,
  liveContainers: 0,
  crowd: 0,
  restarts: [],
  restMs: 0,
  idleMs: 0,
  pulls: 0,
  files: 0,
  images: [],
}
