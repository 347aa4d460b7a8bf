import { catalogue } from '#base/errors.js'

export const AgentErrors = catalogue('AGENT', {
  MASTER_UNSUPPORTED: {
    say: (e: { master: string }) =>
      `--master: ${JSON.stringify(e.master)} is not host:port; detection through ZooKeeper or etcd comes with high availability`,
  },
  EXECUTOR_VARIABLES_INVALID: {
    say: (_: object) => '--executor_environment_variables must be a JSON object of names and texts, such as {"LANG":"C"}',
  },
  WORK_DIR_IN_USE: { say: (e: { path: string }) => `another agent works in --work_dir ${e.path}` },
  CHECKPOINT_UNREADABLE: {
    say: (e: { path: string; why: string }) =>
      `the checkpoint ${e.path} cannot be read (${e.why}); to come back as a new agent, remove the link meta/slaves/latest in --work_dir`,
  },
  JOURNAL_NEWER: {
    say: (e: { path: string; version: number }) =>
      `${e.path} was written by a newer release (format ${e.version}); start that release, or remove the link meta/slaves/latest in --work_dir`,
  },
  JOURNAL_CORRUPT: {
    say: (e: { path: string; at: number }) =>
      `${e.path} is damaged at byte ${e.at} with more records behind it; start with --no-strict to go on with what comes before`,
  },
  JOURNAL_UNSYNCED: { say: (e: { path: string; why: string }) => `${e.path} could not be made durable: ${e.why}` },
  RECONFIGURED: {
    say: (e: { what: string; policy: string }) =>
      `${e.what}, which --reconfiguration_policy=${e.policy} does not allow while the agent keeps its id; start with the old flags, or remove the link meta/slaves/latest in --work_dir to come back as a new agent`,
  },
  UNSUPPORTED_CALL: { say: (e: { call: string }) => `${e.call} is not supported by this agent yet`, http: 501 },
  IMAGES_MISSING: {
    say: (_: object) => 'This agent brings no images: --image_providers is empty, or --launcher is not linux',
    http: 501,
  },
  IMAGE_CALL_FAILED: { say: (e: { why: string }) => e.why, http: 500 },
  PULLS_MANY: {
    say: (e: { most: number }) => `${e.most} pulls are under way already; try again when some have ended`,
    http: 503,
  },
  PARENT_UNKNOWN: { say: (e: { container: string }) => `Parent container ${e.container} does not exist`, http: 400 },
  CONTAINER_UNKNOWN: { say: (e: { container: string }) => `Container ${e.container} cannot be found`, http: 404 },
  QUERY_INVALID: {
    say: (_: object) => 'Ask with container_id, with framework_id, or with framework_id and executor_id',
    http: 400,
  },
  WORK_DIR_UNUSABLE: { say: (e: { path: string; why: string }) => `--work_dir ${e.path} cannot be used: ${e.why}` },
  RECOVERING: { say: (_: object) => 'Agent has not finished recovery', http: 503 },
})
