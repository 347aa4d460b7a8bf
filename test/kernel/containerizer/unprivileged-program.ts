import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { parseFlags } from '#base/flags.js'
import { containerizerFlags } from '#containerizer/flags.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import { containerResources } from '#containerizer/resources.js'
import { openRealHost } from '#host/real-host.js'

/** What an agent without root can do; started by posix.test.ts as another user, with the native assets as arguments. Says it as JSON. */
async function main([addon = '', launcher = '']: string[]) {
  const directory = await mkdtemp('/tmp/mu-')
  const host = await openRealHost({ runtimeDir: `${directory}/run`, assets: { addon, launcher } })
  const containerizer = createMesosContainerizer({ host, flags: parseFlags(containerizerFlags, []) })
  await containerizer.recover([])
  const config = (id: string, value: string, user?: string) => ({
    id,
    command: { value },
    user,
    sandbox: `${directory}/${id}`,
    resources: containerResources([]),
  })

  await containerizer.clone(config('exits', 'id -u; exit 3', host.facts.user))
  await containerizer.go('exits')
  const exited = await containerizer.wait('exits')
  const stdout = await readFile(`${directory}/exits/stdout`, 'utf8')

  await containerizer.clone(config('forks', 'sleep 4321 & sleep 4321'))
  await containerizer.go('forks')
  const usage = await containerizer.usage('forks')
  await containerizer.kill('forks')
  const killed = await containerizer.wait('forks')

  const refused = await containerizer.clone(config('other', 'true', 'root')).catch((error: Error) => error.message)
  await Promise.all(['exits', 'forks'].map((id) => containerizer.destroy(id)))
  await containerizer.close()
  await rm(directory, { recursive: true })
  console.log(
    JSON.stringify({ facts: containerizer.facts, exited, stdout, killed, refused, measured: usage.memRssBytes !== undefined }),
  )
}

const alive = setInterval(() => {}, 1000)
main(process.argv.slice(2)).then(
  () => clearInterval(alive),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
