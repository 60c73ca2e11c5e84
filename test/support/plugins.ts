import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { encodeBase64 } from '../../src/trust/base64.js'
import type { MintedChain } from './keys.js'

const PLUGIN = pathToFileURL(join(import.meta.dirname, 'plugins', 'plugin.mjs')).href

/** What a test plugin is, beside its name; see plugins/plugin.mjs. */
export interface PluginRecipe {
  readonly capabilities?: readonly string[]
  readonly keySpec?: string
  readonly key?: string
  readonly chain?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly answers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly raw?: Readonly<Record<string, string>>
  readonly fails?: Readonly<Record<string, { readonly status: number; readonly stderr: string }>>
  readonly behaviour?: Readonly<Record<string, string>>
  readonly log?: string
}

/** Installs a plugin that runs in a process of its own, and signs with the leaf of a chain. Gives its executable. */
export async function installPlugin(
  folder: string,
  name: string,
  recipe: PluginRecipe & { readonly minted?: MintedChain } = {},
): Promise<string> {
  const { minted, ...facts } = recipe
  const said = {
    name,
    capabilities: ['SIGNATURE_GENERATOR.RAW'],
    keySpec: 'EC-256',
    ...(minted === undefined ? {} : { key: minted.leaf.keyPem, chain: base64Chain(minted) }),
    ...facts,
  }
  const script = `import(${JSON.stringify(PLUGIN)}).then(({ run }) => run(${JSON.stringify(said)}))`
  return await installExecutable(folder, name, `#!${process.execPath}\n${script}\n`)
}

/** Puts a program in the place of a plugin's executable. */
export async function installExecutable(folder: string, name: string, program: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true })
  const path = join(folder, name, `notation-${name}`)
  await writeFile(path, program)
  await chmod(path, 0o755)
  return path
}

export function base64Chain({ certificates }: MintedChain): readonly string[] {
  return certificates.map(({ der }) => encodeBase64(der))
}
