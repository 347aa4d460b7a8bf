/** Where programs write what they did; the shape of pino's logger, so that pino is one. */
export interface Log {
  debug(details: object, text: string): void
  info(details: object, text: string): void
  warn(details: object, text: string): void
  error(details: object, text: string): void
  child(bindings: object): Log
}

/** Says nothing: for tests and simulations. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
