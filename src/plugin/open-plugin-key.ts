import { printable } from '../encoding/printable.js'
import type { EnvelopeSigner, OpenSigner } from '../trust/key/signer.js'
import { PluginEnvelopeSigner } from './envelope-signer.js'
import { findInstalled } from './installed-plugin.js'
import { askMetadata } from './metadata.js'
import { pluginFailed } from './plugin-failure.js'
import type { OpenPluginGiven, PluginKey } from './plugin-key.js'
import { ENVELOPE_GENERATOR, RAW_GENERATOR } from './protocol.js'
import { openRawSigner } from './raw-signer.js'

/** Who makes envelopes, and can be closed like every other key. */
export type OpenEnvelopeSigner = EnvelopeSigner & { close(): Promise<void> }

/**
 * Opens a key behind a plugin: a signer where the plugin makes raw signatures, else one that makes envelopes. Raw signatures
 * come first, as with notation: with them the envelope, and what is signed in it, is made here.
 * @throws ERR_PLUGIN_FAILED
 */
export async function openPluginKey(key: PluginKey, given: OpenPluginGiven): Promise<OpenSigner | OpenEnvelopeSigner> {
  const plugin = await findInstalled(given.folder, key.name)
  if (plugin === undefined) {
    throw pluginFailed(key.name, `is not installed: there is no ${printable(`${given.folder}/${key.name}`, 300)}`)
  }
  const { capabilities } = await askMetadata(plugin, given, key.config)
  if (capabilities.includes(RAW_GENERATOR)) return await openRawSigner(plugin, key, given)
  if (capabilities.includes(ENVELOPE_GENERATOR)) return new PluginEnvelopeSigner(plugin, key, given)
  throw pluginFailed(key.name, 'does not sign')
}
