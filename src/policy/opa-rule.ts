import type { OpaRule } from './import-policy.js'
import { quoted } from './mistake.js'
import type { Notes } from './notes.js'
import type { WrittenPolicy } from './schema.js'

/** The rule that is asked for where nobody names another: `allow` of the package `waybill`. */
export const DEFAULT_RULE = 'waybill/allow'

/** Who has the last word: a file or a server, and one of them only. */
export function opaRule(written: NonNullable<WrittenPolicy['opa']>, notes: Notes): OpaRule {
  const { wasm, entrypoint, server, path, tokenFile } = written
  const next = 'write wasm and entrypoint, or server and path'
  if ((wasm === undefined) === (server === undefined)) {
    const found = wasm === undefined ? 'neither' : 'both'
    notes.value(['opa'], { expected: 'wasm, or server', found, next })
  }
  if (wasm === undefined && entrypoint !== undefined)
    notes.key(['opa', 'entrypoint'], { expected: 'path, for a server', found: 'entrypoint', next })
  if (server === undefined && path !== undefined)
    notes.key(['opa', 'path'], { expected: 'entrypoint, for a file', found: 'path', next })
  if (server === undefined && tokenFile !== undefined)
    notes.key(['opa', 'tokenFile'], { expected: 'entrypoint, for a file', found: 'tokenFile', next })
  if (wasm !== undefined) return { by: 'wasm', path: wasm, entrypoint: entrypoint ?? DEFAULT_RULE }
  if (server !== undefined) checkServer(server, notes)
  const token = tokenFile === undefined ? {} : { tokenFile }
  return { by: 'server', url: server ?? '', path: path ?? DEFAULT_RULE, ...token }
}

function checkServer(server: string, notes: Notes): void {
  const refuse = (expected: string, next: string): void =>
    notes.value(['opa', 'server'], { expected, found: quoted(server), next })
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    refuse('an address, https://HOST[:PORT]', 'write it like http://127.0.0.1:8181')
  } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    notes.value(['opa', 'server'], {
      expected: 'an address alone',
      found: 'one with a name, a password, a query or a fragment',
      next: 'remove them',
    })
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    // Whoever is between could answer in its place.
    refuse('https:// for another machine', 'write https://, or an address of this machine')
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
