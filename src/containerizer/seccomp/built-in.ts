import { defaultProfile } from './default-profile.js'
import type { NamedProfile } from './profile-directory.js'

export const BUILT_IN_PROFILE: NamedProfile = { name: 'built-in', key: 'built-in', profile: defaultProfile }
