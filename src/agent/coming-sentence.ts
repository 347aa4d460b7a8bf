import { bytesText } from '#base/bytes.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { Transfer } from '#containerizer/transfers.js'

/** `Pulling alpine:3: 12.3 MB of 45.6 MB, 2 of 4 layers`; nothing where all has come. */
export function waitingFor(
  transfers: readonly Transfer[],
  { container }: Pick<ContainerConfig, 'container'>,
): string | undefined {
  const layers = transfers.filter(({ kind }) => kind === 'layer')
  if (!layers.every(isOver)) {
    const image = container?.mesos?.image
    return `Pulling ${image?.docker?.name ?? image?.appc?.name ?? 'an image'}: ${amountOf(layers)}, ${countOf(layers, 'layers')}`
  }
  const files = transfers.filter(({ kind }) => kind === 'uri')
  return files.every(isOver) ? undefined : `Fetching files: ${amountOf(files)}, ${countOf(files, 'files')}`
}

const isOver = ({ phase }: Transfer): boolean => phase === 'done' || phase === 'here' || phase === 'failed'

const countOf = (all: readonly Transfer[], what: string): string => `${all.filter(isOver).length} of ${all.length} ${what}`

/** What was here before has not come. The whole is told when the sizes of all parts are known. */
function amountOf(all: readonly Transfer[]): string {
  const coming = all.filter(({ phase }) => phase !== 'here')
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const bytes = bytesText(sum(coming.map((transfer) => transfer.bytes)))
  const totals = coming.map(({ total }) => total).filter((total) => total !== undefined)
  return totals.length === coming.length ? `${bytes} of ${bytesText(sum(totals))}` : `${bytes} so far`
}
