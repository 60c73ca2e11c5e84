import type { Repository } from '../oci/reference.js'
import type { Answer } from './http-exchange.js'
import { OneAtATime } from './one-at-a-time.js'
import type { ApiRequest, RegistryHost } from './registry-host.js'
import { pullScope, pushScope, type Scope } from './scope.js'

export type RepositoryRequest = Omit<ApiRequest, 'url' | 'repository' | 'scopes'> & {
  /** below `/v2/<name>/`, or a whole URL that the registry gave */
  readonly to: string | URL
  /** beyond the repository itself */
  readonly scopes?: readonly Scope[]
}

/** One repository of one registry: its paths, its scope, and what has been learnt about it. */
export class RepositoryApi {
  readonly host: RegistryHost
  readonly repository: Repository
  /** the repository as its registry knows it */
  readonly name: string
  /** Whether the Referrers API is there; learnt by asking (distribution-spec, Listing Referrers). */
  referrersApi: 'unknown' | 'present' | 'absent' | 'other' = 'unknown'
  /** for changes that read before they write */
  readonly oneAtATime = new OneAtATime()
  readonly #scope: Scope

  constructor(host: RegistryHost, repository: Repository, name: string) {
    this.host = host
    this.repository = repository
    this.name = name
    this.#scope = host.place.side === 'source' ? pullScope(name) : pushScope(name)
  }

  /** See `RegistryHost.call`. */
  async call(request: RepositoryRequest, expected: readonly number[]): Promise<Answer> {
    return await this.host.call(this.#complete(request), expected)
  }

  /** See `RegistryHost.exchange`. */
  async exchange(request: RepositoryRequest): Promise<Answer> {
    return await this.host.exchange(this.#complete(request))
  }

  #complete(request: RepositoryRequest): ApiRequest {
    const { to, scopes = [], ...rest } = request
    const url = typeof to === 'string' ? new URL(`/v2/${this.name}/${to}`, this.host.base) : to
    return { ...rest, url, repository: this.name, scopes: [this.#scope, ...scopes] }
  }
}
