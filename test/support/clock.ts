/** When the bundles of the tests were made. */
export const MADE_AT = new Date('2026-11-20T10:00:00Z')
/** When they are verified. */
export const VERIFIED_AT = new Date('2026-11-22T12:00:00Z')
