import { catalogue } from '#base/errors.js'

export const FetcherErrors = catalogue('FETCHER', {
  FAILED: { say: (e: { uri: string; why: string }) => `Failed to fetch ${e.uri}: ${e.why}` },
  SCHEME_UNSUPPORTED: {
    say: (e: { scheme: string }) => `this agent fetches paths, file://, http:// and https://, not ${e.scheme}`,
  },
  PATH_RELATIVE: { say: (_: object) => 'a path must be absolute' },
  ARCHIVE_UNSUPPORTED: {
    say: (_: object) => 'this agent does not extract archives; set extract to false and unpack it in the command',
  },
  OUTPUT_INVALID: { say: (e: { path: string }) => `output file ${JSON.stringify(e.path)} does not lie in the sandbox` },
  NAME_MISSING: { say: (_: object) => 'the URI names no file; set output_file' },
  STATUS: { say: (e: { status: number }) => `the server answered ${e.status}` },
  STALLED: { say: (e: { seconds: number }) => `nothing came for ${e.seconds} s` },
  COPY: { say: (e: { why: string }) => e.why },
})
