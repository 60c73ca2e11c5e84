import type { JsonObject } from '../encoding/strict-json.js'
import { AnswerFields } from './answer-fields.js'
import type { InstalledPlugin } from './installed-plugin.js'
import { pluginFailed } from './plugin-failure.js'
import { CONTRACT_VERSION } from './protocol.js'
import { type RunOptions, runPlugin } from './run-plugin.js'

/** What a plugin says about itself (plugin-extensibility, "get-plugin-metadata"). */
export interface PluginMetadata {
  readonly name: string
  readonly version: string
  readonly capabilities: readonly string[]
}

/**
 * Asks a plugin who it is. It must be who its folder says, speak this version of the contract, and answer everything that
 * the contract asks for.
 * @throws ERR_PLUGIN_FAILED
 */
export async function askMetadata(
  plugin: InstalledPlugin,
  options: RunOptions,
  config: Readonly<Record<string, string>> = {},
): Promise<PluginMetadata> {
  const answer = await runPlugin(plugin, { command: 'get-plugin-metadata', request: withConfig({}, config) }, options)
  const fields = new AnswerFields(plugin.name, answer)
  const name = fields.text('name')
  if (name !== plugin.name)
    throw pluginFailed(plugin.name, `says that its name is ${JSON.stringify(name.slice(0, 80))}`)
  for (const required of ['description', 'url']) fields.text(required)
  const versions = fields.texts('supportedContractVersions')
  if (!versions.includes(CONTRACT_VERSION)) {
    throw pluginFailed(plugin.name, `does not speak version ${CONTRACT_VERSION} of the plugin contract`)
  }
  const capabilities = fields.texts('capabilities')
  if (capabilities.length === 0) throw pluginFailed(plugin.name, 'says that it can do nothing')
  return { name, version: fields.text('version'), capabilities }
}

/** The configuration is left out where there is none, as notation does. */
export function withConfig(request: JsonObject, config: Readonly<Record<string, string>>): JsonObject {
  return Object.keys(config).length === 0 ? request : { ...request, pluginConfig: config }
}
