/** The release of Mesos whose API we speak: clients look at it to know what they may use. */
export const MESOS_VERSION = '1.12.0'

/** Our own release. */
export const MESETA_VERSION = '0.1.0'
/** When this release was cut. */
export const RELEASED = { date: '2026-11-20 00:00:00 UTC', seconds: 1_795_132_800 }
