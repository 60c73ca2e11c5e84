import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { CallOptions } from './store.js'
import { type TarFile, type TarLink, type TarMember, tarMembersAndLinks } from './tar-members.js'

/** The files of a Docker archive by name, each where its bytes lie. Links lead to files of the same archive, in one step. */
export interface ArchiveMembers {
  has(name: string): boolean
  /** @throws ERR_BUNDLE_FORMAT where there is no such file, or a link that leads out, to another link or to nothing */
  file(name: string): TarMember
}

/**
 * Lists a Docker archive. Names are compared, never made into paths; one that climbs, or is there twice, is refused.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function archiveMembers(tar: TarFile, call: CallOptions): Promise<ArchiveMembers> {
  const found = new Map<string, TarMember | TarLink>()
  for await (const member of tarMembersAndLinks(tar, call)) {
    const name = member.name.startsWith('./') ? member.name.slice(2) : member.name
    const shown = `${tar.path}: entry ${JSON.stringify(printable(member.name))}`
    if (member.kind === 'folder') {
      if (name !== '' && name !== '.' && !isPlain(name.replace(/\/$/, '')))
        throw refused(shown, 'its name is not plain')
      continue
    }
    if (!isPlain(name)) throw refused(shown, 'its name is not plain')
    // Some tools take the first of two entries with one name, some the last.
    if (found.has(name)) {
      throw new TransferError('ERR_CONTENT_AMBIGUOUS', `${shown} is there twice`, { side: 'medium', subject: name })
    }
    if (found.size >= LIMITS.graphNodes) {
      throw new TransferError('ERR_LIMIT_EXCEEDED', `${tar.path} has more than ${LIMITS.graphNodes} entries`, {
        subject: tar.path,
      })
    }
    found.set(name, member)
  }
  return new Members(tar.path, found)
}

/** Parts without a special meaning to any file system, joined by single slashes. */
function isPlain(name: string): boolean {
  return (
    name.length <= 1000 && name.split('/').every((part) => /^[!-.0-[\]-~]{1,255}$/.test(part) && !/^\.+$/.test(part))
  )
}

class Members implements ArchiveMembers {
  readonly #path: string
  readonly #found: ReadonlyMap<string, TarMember | TarLink>

  constructor(path: string, found: ReadonlyMap<string, TarMember | TarLink>) {
    this.#path = path
    this.#found = found
  }

  has(name: string): boolean {
    return this.#found.has(name)
  }

  file(name: string): TarMember {
    const shown = `${this.#path}: ${JSON.stringify(printable(name, 300))}`
    const member = this.#found.get(name)
    if (member === undefined) throw refused(shown, 'it is named, and is not there')
    if (member.kind !== 'link') return member
    const target = this.#found.get(resolveLink(name, member.target) ?? '')
    // Links in chains can be endless, and no tool writes them.
    if (target === undefined || target.kind === 'link') throw refused(shown, 'it is a link to no file of the archive')
    return target
  }
}

/** Where a relative link leads, by its text alone; undefined for one that is absolute or climbs out. */
function resolveLink(name: string, target: string): string | undefined {
  const parts = name.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part === '') return undefined
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function refused(what: string, why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${what} is refused: ${why}`, { side: 'medium', subject: what })
}
