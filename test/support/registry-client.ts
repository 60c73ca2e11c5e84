import { onTestFinished } from 'vitest'
import type { TransferEvent } from '../../src/events.js'
import { openRegistry, type RegistryOptions } from '../../src/registry/client.js'
import type { Credential } from '../../src/registry/credential.js'
import type { RegistryRepository } from '../../src/registry/repository.js'
import { Secret } from '../../src/registry/secret.js'
import { CALL } from './tmp.js'

export interface ClientUnderTest {
  readonly events: readonly TransferEvent[]
  /** milliseconds that it would have waited, one for each wait */
  readonly waits: readonly number[]
  /** The clock stands still until it is set. */
  now: number
  repository(host: string, name?: string): RegistryRepository
  repositories(host: string): AsyncIterable<string>
  close(): Promise<void>
}

/** A client that waits for nothing, with a clock that stands still. Closed when the test is over. */
export function aClient(
  options: Partial<RegistryOptions> & { readonly credential?: Credential } = {},
): ClientUnderTest {
  const events: TransferEvent[] = []
  const waits: number[] = []
  const { credential, ...rest } = options
  const registry = openRegistry({
    credentials: async () => credential,
    plainHttp: () => true,
    side: 'sink',
    emit: (event) => events.push(event),
    now: () => client.now,
    sleep: async (ms, signal) => {
      waits.push(ms)
      signal.throwIfAborted()
    },
    random: () => 0.5,
    ...rest,
  })
  const client: ClientUnderTest = {
    events,
    waits,
    now: Date.parse('2026-11-22T12:00:00Z'),
    repository: (host, name = 'team/app') => registry.repository({ registry: host, name }),
    repositories: (host) => registry.repositories(host, CALL),
    close: () => registry.close(),
  }
  onTestFinished(() => registry.close())
  return client
}

export function aPassword(username = 'alice', password = 'open sesame'): Credential {
  return { kind: 'basic', username, password: new Secret(password) }
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
