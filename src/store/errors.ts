import { catalogue } from '#base/errors.js'

export const StoreErrors = catalogue('STORE', {
  OPEN_FAILED: { say: (e: { path: string; why: string }) => `could not open the store at ${e.path}: ${e.why}` },
  IN_USE: { say: (e: { path: string; pid: string }) => `the store at ${e.path} is in use by process ${e.pid}` },
  READ_FAILED: { say: (e: { why: string }) => `could not read from the store: ${e.why}`, http: 503 },
  WRITE_FAILED: { say: (e: { why: string }) => `could not write to the store: ${e.why}`, http: 503 },
  BAD_KEY: { say: (e: { size: number; limit: number }) => `a key of ${e.size} bytes is not between 1 and ${e.limit} bytes long` },
  CLOSED: { say: () => 'the store is closed' },
})
