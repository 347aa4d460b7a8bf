import { openRealArchives } from '#host/real-archives.js'
import { archivesContract } from './archives-contract.js'

archivesContract('through the addon', () => openRealArchives())
