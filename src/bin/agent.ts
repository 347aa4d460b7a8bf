import { startAgent } from '#agent/agent.js'
import { type AgentFlags, agentFlags } from '#agent/flags.js'
import { laterFlags } from '#agent/later-flags.js'
import { scratchDirectory } from '#agent/paths.js'
import { armFaults } from '#base/fault.js'
import { parseFlags } from '#base/flags.js'
import { loggingFlags } from '#base/logging-flags.js'
import { usesGpus } from '#containerizer/isolation.js'
import { openRealArchives } from '#host/real-archives.js'
import { openRealHost } from '#host/real-host.js'
import { isBootedBySystemd } from '#host/systemd-scope.js'
import { proxiesOf } from '#http/proxy.js'
import { openLog } from './log.js'
import { answeredByText, endWanted, type Surroundings } from './process.js'

const flagsOfProgram = { ...loggingFlags, ...agentFlags }
/** Those that are only looked at come first: a flag that is read wins over them. */
const everyFlag: typeof flagsOfProgram = { ...laterFlags, ...flagsOfProgram }

/** An agent in the foreground, until it is told to end; its tasks run on. SIGUSR1 takes it out of the cluster, tasks included. */
export async function runAgent(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  if (answeredByText('agent', argv, everyFlag, surroundings)) return 0
  armFaults(surroundings.env.MESETA_FAULT)
  const flags = parseFlags(everyFlag, argv, surroundings.env)
  const { log } = openLog({ name: 'agent', level: flags.loggingLevel, quiet: flags.quiet, directory: flags.logDir })
  const scope = scopeOf(flags)
  const gpuLibrary = usesGpus(flags.isolation) ? flags.nvidiaManagementLibrary : undefined
  const { runtimeDir, cgroupsRoot } = flags
  const scratchDir = scratchDirectory(flags.workDir)
  const archives = openRealArchives()
  const host = await openRealHost({ runtimeDir, scratchDir, cgroupsRoot, scope, gpuLibrary })
  try {
    const agent = await startAgent(flags, { host, archives, log, proxies: proxiesOf(surroundings.env) })
    log.info({ url: agent.url }, 'the agent answers')
    process.on('SIGUSR1', () => agent.leave())
    log.info({ because: await Promise.race([endWanted(surroundings.env), agent.ended]) }, 'the agent ends')
    await agent.close()
    return 0
  } finally {
    await archives.close()
    await host.close()
  }
}

/** One for each `--cgroups_root`: agents that share that share the scope too. */
function scopeOf(
  flags: Pick<AgentFlags, 'systemdEnableSupport' | 'systemdRuntimeDirectory' | 'cgroupsRoot'>,
): string | undefined {
  if (!flags.systemdEnableSupport || !isBootedBySystemd(flags.systemdRuntimeDirectory)) return undefined
  return `meseta-${flags.cgroupsRoot.replaceAll(/[^\w.]/g, '-')}.scope`
}
