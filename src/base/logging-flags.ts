import { flag } from './flags.js'

/** Of Mesos' logging flags, those that both daemons have (appendix A.1 "Logging"). */
export const loggingFlags = {
  logDir: flag.path('log_dir', { help: 'Directory of log files, besides the error output.' }),
  loggingLevel: flag.choice(['INFO', 'WARNING', 'ERROR'])('logging_level', {
    default: 'INFO',
    help: 'Least important messages to log.',
  }),
  logbufsecs: flag.int('logbufsecs', { default: '0', help: 'Taken for compatibility; nothing is held back.' }),
  quiet: flag.bool('quiet', { default: 'false', help: 'Do not log to the error output.' }),
  externalLogFile: flag.path('external_log_file', { help: 'File that something else writes this log to; shown at /files.' }),
  initializeDriverLogging: flag.bool('initialize_driver_logging', {
    default: 'true',
    help: 'Taken for compatibility; has no effect.',
  }),
}
