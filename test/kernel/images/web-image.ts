import type { LayerSource } from '#containerizer/images/image.js'
import type { TestProvider } from '../../support/store-place.js'
import type { TarEntry } from '../../support/tar.js'

const directory = (name: string, mode = 0o755): TarEntry => ({ name: `${name}/`, type: '5', mode })

/** Four layers that overlap; the last one has files in directories that it only implies. The same in every process. */
export function webLayers(provider: TestProvider): LayerSource[] {
  const many = Array.from({ length: 200 }, (_, i) => ({ name: `usr/share/${i}`, content: `${i}\n`.repeat(500) }))
  return [
    provider.tar([directory('usr'), directory('usr/share'), directory('etc', 0o750), { name: 'etc/hosts', content: 'low\n' }]),
    provider.tar([directory('usr'), directory('usr/share', 0o711), ...many]),
    provider.tar([directory('etc'), { name: 'etc/.wh.hosts' }, { name: 'etc/name', content: 'web\n', uid: 7, gid: 8 }]),
    provider.tar([{ name: 'usr/share/last', content: 'last\n' }]),
  ]
}
