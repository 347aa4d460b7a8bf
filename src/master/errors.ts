import { catalogue } from '#base/errors.js'

export const MasterErrors = catalogue('MASTER', {
  WORK_DIR_MISSING: { say: (_: object) => 'the master needs --work_dir for its registry (or --registry=in_memory for tests)' },
  ADDRESS_INVALID: { say: (e: { ip: string }) => `--ip: ${JSON.stringify(e.ip)} is not an IP address` },
  REGISTRY_BROKEN: { say: (e: { key: string; why: string }) => `the registry cannot be read: entry ${e.key}: ${e.why}` },
  NOT_SERVING: { say: (_: object) => 'The master is reading its registry; try again', http: 503 },
  CALL_UNSUPPORTED: { say: (e: { type: string }) => `${e.type} is not supported by this version of the master`, http: 501 },
})
