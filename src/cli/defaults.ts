/** The trust store of those who may sign bundles. */
export const DEFAULT_STORE = 'exporters'

/** Questions and transfers in flight; a round trip is waited for by many, a disk is not sought by too many. */
export const CONCURRENCY = { ask: 12, write: 6, push: 6 } as const
