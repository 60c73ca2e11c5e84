import { join } from 'node:path'
import { type AuthFile, findEntry, parseAuthFile, readAuthFile } from './auth-file.js'
import type { Credential, CredentialSource } from './credential.js'
import { askHelper, type Environment } from './credential-helper.js'

export interface CredentialsOptions {
  /** the environment, which names files and is handed to helpers */
  readonly env: Environment
  /** the home directory */
  readonly home: string
  /** how long a helper may take */
  readonly helperTimeoutMs?: number
}

/**
 * The credentials that `podman login` and `docker login` left: `REGISTRY_AUTH_FILE`, Docker's inline
 * `DOCKER_AUTH_CONFIG`, Podman's files, Docker's file, `~/.dockercfg`, in this order (containers-auth.json(5)). In each
 * file, the helper for a host comes before the general helper, and that before what is in the file itself. Files are
 * read when the first credential is needed, and once.
 */
export function readCredentials(options: CredentialsOptions): CredentialSource {
  let files: Promise<readonly AuthFile[]> | undefined
  return async (registry, repository) => {
    files ??= readFiles(options)
    for (const file of await files) {
      const found = await findIn(file, { registry, repository, ...options })
      if (found !== undefined) return found
    }
    return undefined
  }
}

async function readFiles({ env, home }: CredentialsOptions): Promise<readonly AuthFile[]> {
  const configHome = env['XDG_CONFIG_HOME'] || join(home, '.config')
  const docker = join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json')
  const named = env['REGISTRY_AUTH_FILE'] ? await readAuthFile(env['REGISTRY_AUTH_FILE'], 'containers') : []
  const inline = env['DOCKER_AUTH_CONFIG']
  const runtime = env['XDG_RUNTIME_DIR']
  return [
    ...named,
    ...(inline ? [parseAuthFile(inline, { name: 'DOCKER_AUTH_CONFIG', form: 'docker' })] : []),
    ...(runtime ? await readAuthFile(join(runtime, 'containers/auth.json'), 'containers') : []),
    ...(await readAuthFile(join(configHome, 'containers/auth.json'), 'containers')),
    ...(await readAuthFile(docker, 'docker')),
    ...(await readAuthFile(join(home, '.dockercfg'), 'dockercfg')),
  ]
}

interface Wanted extends CredentialsOptions {
  readonly registry: string
  readonly repository: string
}

async function findIn(file: AuthFile, wanted: Wanted): Promise<Credential | undefined> {
  const hosts = hostKeys(wanted.registry)
  const own = hosts.map((host) => file.helpers.get(host)).find((name) => name !== undefined)
  const helper = own ?? file.store
  if (helper !== undefined) {
    const found = await askHelper(helper, { ...wanted, serverUrl: hosts[0] ?? wanted.registry, file: file.name })
    if (found !== undefined) return found
  }
  return findEntry(file, { hosts, repository: wanted.repository })
}

// Docker Hub's credentials are kept under an address of its first version.
const DOCKER_HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io']

/** The names under which a registry's credential may be kept, the customary one first. */
function hostKeys(registry: string): readonly string[] {
  return DOCKER_HUB_KEYS.includes(registry) ? DOCKER_HUB_KEYS : [registry]
}
