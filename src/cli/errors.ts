import { catalogue } from '#base/errors.js'

/** What the shell sees. `run` ends with its task's own code, 128 + n when signal n ended it. */
export const EXIT = {
  done: 0,
  /** The request was refused, or what was asked for does not exist. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** No master answers. */
  unavailable: 69,
  /** `run` only: the task did not run, or nobody knows how it ended. */
  taskLost: 125,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const

export const CliErrors = catalogue('CLI', {
  MASTER_UNREACHABLE: {
    say: (e: { url: string; why: string }) =>
      `no master answers at ${e.url}: ${e.why}\n  Start a cluster on this machine with: meseta up\n  Or name another with --master URL or MESETA_MASTER.`,
  },
  NOT_A_MASTER: {
    say: (e: { url: string; why: string }) =>
      `${e.url} does not answer as a master does (${e.why}); is it an agent? Masters are on port 5050 unless told otherwise`,
  },
  MASTER_URL_INVALID: {
    say: (e: { url: string }) => `--master ${JSON.stringify(e.url)} is not an address such as 127.0.0.1:5050`,
  },
  CONTAINER_INVALID: {
    say: (e: { why: string }) => `--container is no ContainerInfo in JSON: ${e.why}`,
  },
  URI_INVALID: {
    say: (e: { why: string }) => `--uri is neither a URI nor a CommandInfo.URI in JSON: ${e.why}`,
  },
  NOTHING_MATCHES: {
    say: (e: { what: string; id: string; list: string }) =>
      `no ${e.what} has an id that begins with ${JSON.stringify(e.id)}; see: ${e.list}`,
  },
  SEVERAL_MATCH: {
    say: (e: { what: string; id: string; found: readonly string[] }) =>
      `several ${e.what}s have an id that begins with ${JSON.stringify(e.id)}: ${e.found.join(', ')}`,
  },
  NOT_OUR_TASK: {
    say: (e: { task: string; framework: string; name: string }) =>
      `task ${e.task} belongs to framework ${e.framework} (${e.name}), and only that one can end a single task of its own.\n` +
      `  To end the whole framework with all of its tasks: meseta kill --framework ${e.framework}`,
  },
  TASK_ENDED: { say: (e: { task: string; state: string }) => `task ${e.task} has ended already (${e.state})` },
  AGENT_GONE: {
    say: (e: { task: string; agent: string }) =>
      `agent ${e.agent}, which has the output of task ${e.task}, is not registered now`,
  },
  AMOUNT_INVALID: {
    say: (e: { option: string; value: string }) => `${e.option} ${JSON.stringify(e.value)} is not a number above zero`,
  },
  VARIABLE_INVALID: { say: (e: { text: string }) => `--env ${JSON.stringify(e.text)} is not NAME=VALUE` },
  COMMAND_MISSING: { say: (_: object) => 'no command given; write it after --, as in: meseta run -- echo hello' },
  DIRECTORY_NOT_ABSOLUTE: {
    say: (e: { path: string }) => `--image-dir ${JSON.stringify(e.path)} is not an absolute path (it is one on the agent's disk)`,
  },
  AGENT_UNREACHABLE: {
    say: (e: { agent: string; why: string }) =>
      `no agent answers at ${e.agent}: ${e.why}\n  See which there are with: meseta agents`,
  },
  AGENT_WITHOUT_IMAGES: {
    say: (e: { agent: string }) => `${e.agent} knows nothing of images: it is no agent of Meseta, or an older one`,
  },
  AGENT_SAYS: { say: (e: { agent: string; why: string }) => `${e.agent}: ${e.why}` },
  AGENTS_NONE: { say: (_: object) => 'the master knows no active agent; see: meseta agents' },
  AGENT_ADDRESS_INVALID: {
    say: (e: { address: string }) => `--agent ${JSON.stringify(e.address)} is not an address such as 127.0.0.1:5051`,
  },
  IMAGE_NOWHERE: {
    say: (e: { name: string; agents: readonly string[] }) =>
      `no image ${JSON.stringify(e.name)} on ${e.agents.join(', ')}; see: meseta image ls`,
  },
  IMAGE_AND_DIRECTORY: { say: (_: object) => 'give either --image or --image-dir, not both' },
  OPTION_NEEDS_IMAGE: { say: (e: { option: string }) => `${e.option} says something of an image: name it with --image` },
  FILE_UNREADABLE: {
    say: (e: { option: string; path: string; why: string }) => `${e.option} ${e.path} cannot be read: ${e.why}`,
  },
  FRAMEWORK_REFUSED: { say: (e: { why: string }) => `the master refuses this run: ${e.why}` },
  NOT_KILLED: {
    say: (e: { task: string; seconds: number }) =>
      `task ${e.task} has not ended within ${e.seconds} seconds; it was told to, so look again with: meseta ps`,
  },
  CHOOSE_TASK_OR_FRAMEWORK: { say: (_: object) => 'name either tasks or --framework ID' },
})
