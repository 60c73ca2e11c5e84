import type { Secret } from './secret.js'

/** How to prove who we are to one registry. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** A refresh token, which a token service exchanges; `username` may be empty. */
  | { readonly kind: 'identity'; readonly username: string; readonly token: Secret }
  /** A token that is sent to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: Secret }

/**
 * Finds the credential for a repository; `registry` is the host with its port, `repository` the name below it.
 * Undefined where there is none. @throws ERR_CONFIG_INVALID where a file or helper is broken
 */
export type CredentialSource = (registry: string, repository: string) => Promise<Credential | undefined>
