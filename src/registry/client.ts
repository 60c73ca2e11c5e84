import type { CallOptions } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { Emit } from '../events.js'
import { isRegistryHost, isRepositoryName, type Repository } from '../oci/reference.js'
import { listRepositories } from './catalogue.js'
import { trustedRoots } from './certificate-authorities.js'
import type { CredentialSource } from './credential.js'
import { RegistryHost } from './registry-host.js'
import { type RegistryRepository, registryRepository } from './repository.js'
import { RepositoryApi } from './repository-api.js'
import { TIMEOUTS, type Timeouts, Transport } from './transport.js'

export interface RegistryOptions {
  readonly credentials: CredentialSource
  /** True for hosts that are spoken to without TLS; there is no fall-back from the one to the other. */
  readonly plainHttp: (registry: string) => boolean
  /** PEM texts of certificate authorities, beside those that are trusted anyway */
  readonly ca?: readonly string[]
  readonly side: 'source' | 'sink'
  readonly emit: Emit
  /** milliseconds since 1970 */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 up to 1: spreads the waits of several clients */
  readonly random?: () => number
  readonly timeouts?: Partial<Timeouts>
}

/** A client for any number of registries, on one side of a transfer. */
export interface Registry {
  /** @throws ERR_REFERENCE_INVALID */
  repository(repository: Repository): RegistryRepository
  /** The names of its repositories. @throws as `listRepositories` does, ERR_REFERENCE_INVALID */
  repositories(registry: string, call: CallOptions): AsyncIterable<string>
  /** Ends what is still under way, and every connection. */
  close(): Promise<void>
}

/**
 * Opens a client; nothing is asked of any registry before the first call.
 * @throws ERR_CONFIG_INVALID for a certificate authority that is not one
 */
export function openRegistry(options: RegistryOptions): Registry {
  return new Client(options)
}

// Docker Hub's name is not the name of its registry.
const DOCKER_HUB = 'docker.io'
const DOCKER_HUB_REGISTRY = 'registry-1.docker.io'

class Client implements Registry {
  readonly #options: RegistryOptions
  readonly #transport: Transport
  readonly #hosts = new Map<string, RegistryHost>()
  readonly #apis = new Map<string, RepositoryApi>()
  readonly #named = new Set<string>()
  readonly #lifetime = new AbortController()

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#transport = new Transport({
      ca: trustedRoots(options.ca),
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      isNamed: (hostname) => this.#named.has(hostname),
    })
  }

  repository(repository: Repository): RegistryRepository {
    return registryRepository(this.#api(repository), (sister) => this.#api(sister))
  }

  repositories(registry: string, call: CallOptions): AsyncIterable<string> {
    if (isRegistryHost(registry)) return listRepositories(this.#host(registry), call)
    const message = `not a registry: ${JSON.stringify(registry.slice(0, 300))}`
    throw new TransferError('ERR_REFERENCE_INVALID', message, { side: 'operator' })
  }

  async close(): Promise<void> {
    this.#lifetime.abort(new TransferError('ERR_CANCELLED', 'the registry client was closed'))
    await this.#transport.close()
  }

  /** One for each repository: what has been learnt about it is kept there. */
  #api(repository: Repository): RepositoryApi {
    const { registry, name } = repository
    if (!isRegistryHost(registry) || !isRepositoryName(name)) {
      // Checked again because both become part of a URL.
      const message = `not a repository: ${JSON.stringify(`${registry}/${name}`.slice(0, 400))}`
      throw new TransferError('ERR_REFERENCE_INVALID', message, { side: 'operator' })
    }
    const key = `${registry}/${name}`
    const known = this.#apis.get(key)
    if (known !== undefined) return known
    const isShort = registry === DOCKER_HUB && !name.includes('/')
    const api = new RepositoryApi(this.#host(registry), repository, isShort ? `library/${name}` : name)
    this.#apis.set(key, api)
    return api
  }

  #host(registry: string): RegistryHost {
    const known = this.#hosts.get(registry)
    if (known !== undefined) return known
    const scheme = this.#options.plainHttp(registry) ? 'http' : 'https'
    const base = new URL(`${scheme}://${registry === DOCKER_HUB ? DOCKER_HUB_REGISTRY : registry}/`)
    this.#named.add(base.hostname)
    const host = new RegistryHost({
      ...this.#options,
      place: { side: this.#options.side, registry },
      base,
      transport: this.#transport,
      lifetime: this.#lifetime.signal,
    })
    this.#hosts.set(registry, host)
    return host
  }
}
