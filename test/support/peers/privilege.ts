/** Some peers run for root only. A developer may do without them; a continuous integration that cannot has failed. */
export const mayUseRoot = process.getuid?.() === 0 || Boolean(process.env['CI'])
