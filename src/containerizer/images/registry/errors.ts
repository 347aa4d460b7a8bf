import { catalogue } from '#base/errors.js'

/** Of registries. Nothing here may hold what a server or a user gave as a secret. */
export const RegistryErrors = catalogue('REGISTRY', {
  PULL_FAILED: { say: (e: { image: string; why: string }) => `image ${e.image} cannot be pulled: ${e.why}` },
  ALL_FAILED: { say: (e: { why: string; mirrors: string }) => `${e.why} (before that, ${e.mirrors})` },

  // What a registry answers.
  LOGIN_NEEDED: {
    say: (e: { registry: string; repository: string; status: number }) =>
      `registry ${e.registry} gives ${e.repository} to nobody without a login, or does not have it (${e.status}); check the name, and put a login for ${e.registry} into --docker_config or into the image's own config`,
  },
  LOGIN_REFUSED: {
    say: (e: { registry: string; repository: string; status: number }) =>
      `registry ${e.registry} refuses ${e.repository} to the login that is configured, or does not have it (${e.status}); check the name, and the password and rights of the login`,
  },
  NOT_FOUND: {
    say: (e: { registry: string; what: string }) => `registry ${e.registry} has no ${e.what} (404); check its name and tag`,
  },
  TOO_MANY_REQUESTS: {
    say: (e: { registry: string; said: string }) =>
      `registry ${e.registry} has had too many requests from here (429${e.said}); wait, put a login with a higher limit into --docker_config, or name a mirror in --docker_registries`,
  },
  STATUS: {
    say: (e: { registry: string; status: number; said: string; what: string }) =>
      `registry ${e.registry} answers ${e.status} for ${e.what}${e.said}`,
  },
  UNREACHABLE: { say: (e: { server: string; why: string }) => `${e.server} cannot be reached: ${e.why}` },
  BROKE_OFF: { say: (e: { server: string; why: string }) => `${e.server} broke off: ${e.why}` },
  ANSWER_TOO_LARGE: {
    say: (e: { server: string; most: number }) => `${e.server} sends more than ${e.most} bytes where less is expected`,
  },
  RANGE_WRONG: {
    say: (e: { server: string; wanted: number; got: string }) =>
      `${e.server} was asked for bytes from ${e.wanted} on, and sends ${JSON.stringify(e.got)}`,
  },
  LENGTH_WRONG: {
    say: (e: { server: string; wanted: number; got: string }) => `${e.server} sends ${e.got} bytes where ${e.wanted} are missing`,
  },

  // Where a registry sends us.
  REDIRECTS_ENDLESS: { say: (e: { server: string; most: number }) => `${e.server} redirects more than ${e.most} times` },
  REDIRECT_INVALID: { say: (e: { server: string; why: string }) => `${e.server} redirects to ${e.why}, which is not followed` },
  REALM_REFUSED: {
    say: (e: { registry: string; realm: string; why: string }) =>
      `registry ${e.registry} asks to get a token from ${e.realm}, which ${e.why}; nothing is sent there`,
  },
  REACH_REFUSED: {
    say: (e: { host: string; reach: string }) => `${e.host} is a ${e.reach} address, and who sends us there is not`,
  },
  CHALLENGE_UNKNOWN: {
    say: (e: { registry: string; schemes: string }) =>
      `registry ${e.registry} wants a login by ${e.schemes}; this agent knows Basic and Bearer`,
  },
  TOKEN_MISSING: { say: (e: { server: string }) => `${e.server} answers without a token` },

  // Logins of the user.
  CONFIG_UNREADABLE: { say: (e: { path: string; why: string }) => `--docker_config: cannot read ${e.path}: ${e.why}` },
  HELPER_FAILED: {
    say: (e: { helper: string; registry: string; why: string }) =>
      `docker-credential-${e.helper} has no login for ${e.registry}: ${e.why}`,
  },
  HELPER_NAME: { say: (e: { helper: string }) => `${JSON.stringify(e.helper)} cannot name a credential helper` },
  CERTIFICATE_UNREADABLE: { say: (e: { path: string; why: string }) => `certificate ${e.path} cannot be used: ${e.why}` },
})
