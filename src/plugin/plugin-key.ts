import type { Certificate } from '../trust/certificate/certificate.js'
import type { RunOptions } from './run-plugin.js'

/** A key that a plugin has. */
export interface PluginKey {
  /** the plugin's name, that of its folder */
  readonly name: string
  /** the plugin's own name for the key */
  readonly keyId: string
  readonly config: Readonly<Record<string, string>>
}

export interface OpenPluginGiven extends RunOptions {
  /** the folder that has a folder for each plugin */
  readonly folder: string
  readonly now: Date
  /** the chain that the plugin must answer, leaf first; without it the plugin is asked for a signature to learn its chain */
  readonly chain?: readonly Certificate[]
}
