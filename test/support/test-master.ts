import { parseFlags } from '#base/flags.js'
import { silentLog } from '#base/log.js'
import { masterFlags } from '#master/flags.js'
import { type Master, startMaster } from '#master/master.js'
import { MemoryStore } from '#store/memory.js'

/** A master on a free port. With the same `disk` a second one is its successor. */
export function testMaster(flags: readonly string[] = [], disk: Map<string, Buffer> = new Map()): Promise<Master> {
  const values = parseFlags(masterFlags, ['--port=0', '--allocation_interval=50ms', '--registry=in_memory', ...flags])
  return startMaster(values, { log: silentLog, store: new MemoryStore(disk) })
}
