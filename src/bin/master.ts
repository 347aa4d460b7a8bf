import { armFaults } from '#base/fault.js'
import { parseFlags } from '#base/flags.js'
import { masterFlags } from '#master/flags.js'
import { startMaster } from '#master/master.js'
import { openLog } from './log.js'
import { answeredByText, endWanted, type Surroundings } from './process.js'

/** A master in the foreground, until it is told to end. */
export async function runMaster(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  if (answeredByText('master', argv, masterFlags, surroundings)) return 0
  armFaults(surroundings.env.MESETA_FAULT)
  const flags = parseFlags(masterFlags, argv, surroundings.env)
  const { log, file, setVerbosity } = openLog({
    name: 'master',
    level: flags.loggingLevel,
    quiet: flags.quiet,
    directory: flags.logDir,
  })
  const master = await startMaster(flags, { log, setVerbosity, ...(file !== undefined && { logFile: file }) })
  log.info({ url: master.url }, 'the master answers')
  log.info({ because: await endWanted(surroundings.env) }, 'the master ends')
  await master.close()
  return 0
}
