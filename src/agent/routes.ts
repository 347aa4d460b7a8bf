import { flagTexts } from '#base/flags.js'
import { routeDaemon } from '#http/daemon-routes.js'
import { executorEndpoint } from './api/executor-endpoint.js'
import { routeImages } from './api/images-endpoint.js'
import { routeOperatorApi } from './api/operator-endpoint.js'
import { routeState } from './api/state-endpoints.js'
import { AgentErrors } from './errors.js'
import { agentFlags } from './flags.js'
import type { Parts } from './parts.js'

/** Every path that an agent answers. */
export function routeAgent({
  server,
  metrics,
  files,
  verbosity,
  containerizer,
  clock,
  startedAt,
  service,
  ...parts
}: Parts): void {
  const current = (): Required<typeof service> => {
    const { agent, shell } = service
    if (!agent?.recovered || !shell) throw AgentErrors.RECOVERING({})
    return { agent, shell }
  }
  const agent = () => current().agent
  const flags = flagTexts(agentFlags, parts.flags)
  const daemon = { metrics, files, verbosity, flags }
  routeDaemon(server, daemon)
  routeOperatorApi(server, daemon, agent, containerizer)
  routeImages(server, { agent, containerizer, clock })
  routeState(server, { agent, containerizer, flags, startedAt })
  const executors = executorEndpoint({
    decide: (call, open) => current().shell.executorCall(call, open),
    openStream: (id, media) => current().shell.streams.open(id, media),
  })
  server.route('/api/v1/executor', executors, { methods: ['POST'] })
}
