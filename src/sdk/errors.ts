import { catalogue } from '#base/errors.js'

export const SdkErrors = catalogue('SDK', {
  NOT_SUBSCRIBED: { say: (e: { url: string }) => `not subscribed to ${e.url} at this moment; the call was not sent` },
  /** The server's own words: it takes nothing more from this subscriber. */
  ENDED: { say: (e: { message: string }) => e.message },
  PULL_FAILED: { say: (e: { why: string }) => e.why },
  ANSWER_EMPTY: { say: (e: { url: string }) => `${e.url} answered without what was asked for: is an agent of Meseta there?` },
  ENVIRONMENT_INCOMPLETE: {
    say: (e: { variable: string }) =>
      `${e.variable} is not in the environment: an executor is started by an agent, which sets it`,
  },
  AGENT_LOST: { say: (e: { milliseconds: number }) => `the agent did not come back within ${e.milliseconds / 1000} seconds` },
})
