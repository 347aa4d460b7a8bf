// `npm start`: sets up what is not current, then brings up a whole cluster on this machine. Arguments go to `meseta up`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp } from './setup/steps.mjs'

await setUp()

const cluster = spawn(process.execPath, [join(root, 'dist/bin/meseta.js'), 'up', ...process.argv.slice(2)], { stdio: 'inherit' })

// A Ctrl-C reaches the cluster by itself, as it is in the same foreground group; it is the cluster's to decide when it is over.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => cluster.kill('SIGTERM'))
cluster.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
