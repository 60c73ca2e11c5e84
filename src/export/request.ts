import { basename } from 'node:path'
import { TransferError } from '../errors.js'
import {
  isRepositoryName,
  isTag,
  parseReference,
  type Reference,
  type Repository,
  type Selector,
} from '../oci/reference.js'

/** One thing to export: where it is read from, and the name under which it travels. */
export type ExportSource =
  | { readonly kind: 'registry'; readonly text: string; readonly reference: Reference }
  | {
      readonly kind: 'layout'
      readonly text: string
      readonly form: LayoutForm
      readonly path: string
      readonly name?: string
    }

/** How images lie on a disk: as a layout in a folder or a tar, or as `docker save` and `podman save` write them. */
export type LayoutForm = 'folder' | 'archive' | 'docker-archive'

const LAYOUT = /^(oci|oci-archive|docker-archive):([^:]+)(?::(.+))?$/s
const FORMS: Readonly<Record<string, LayoutForm>> = { oci: 'folder', 'oci-archive': 'archive' }

/**
 * Parses a SOURCE of the command line: `HOST/REPOSITORY:TAG`, `…@DIGEST`, or skopeo's `oci:DIR[:NAME]`,
 * `oci-archive:FILE[:NAME]` and `docker-archive:FILE[:NAME]`.
 * @throws ERR_REFERENCE_INVALID
 */
export function parseSource(text: string): ExportSource {
  const [, form, path, name] = LAYOUT.exec(text) ?? []
  if (form !== undefined && path !== undefined) {
    return {
      kind: 'layout',
      text,
      form: FORMS[form] ?? 'docker-archive',
      path,
      ...(name === undefined ? {} : { name }),
    }
  }
  const reference = parseReference(text)
  if (reference.tag === undefined && reference.digest === undefined) {
    throw new TransferError('ERR_REFERENCE_INVALID', `${text} has neither a tag nor a digest`, {
      side: 'operator',
      subject: text,
    })
  }
  return { kind: 'registry', text, reference }
}

/** A digest decides where both are given; the tag is then only the name that it travels under. */
export function selectorOf(reference: Reference): Selector {
  if (reference.digest !== undefined) return { kind: 'digest', digest: reference.digest }
  return { kind: 'tag', tag: reference.tag ?? 'latest' }
}

/**
 * The name under which an image of a layout travels. A layout's name that is a full reference is taken as it is; else
 * the registry is `localhost`, as podman has it, and what is missing comes from the name of the folder or file.
 * @param name the layout's `org.opencontainers.image.ref.name`
 */
export function layoutName(
  path: string,
  name: string | undefined,
): { readonly repository: Repository; readonly tag?: string } {
  const full = name === undefined ? undefined : fullName(name)
  if (full !== undefined) return full
  const stem = basename(path)
    .replace(/\.(?:tar|oci)$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const [shortName, shortTag] = (name ?? '').split(':')
  if (
    name !== undefined &&
    shortTag !== undefined &&
    shortName !== undefined &&
    isRepositoryName(shortName) &&
    isTag(shortTag)
  ) {
    return { repository: { registry: 'localhost', name: shortName }, tag: shortTag }
  }
  const tag = name ?? 'latest'
  if (!isRepositoryName(stem) || !isTag(tag)) {
    throw new TransferError(
      'ERR_REFERENCE_INVALID',
      `no repository and tag can be made of ${JSON.stringify(path.slice(0, 300))} and ${JSON.stringify(tag.slice(0, 300))}`,
      { side: 'operator', subject: path },
    )
  }
  return { repository: { registry: 'localhost', name: stem }, tag }
}

function fullName(name: string): { readonly repository: Repository; readonly tag?: string } | undefined {
  try {
    const { repository, tag } = parseReference(name)
    return tag === undefined ? { repository } : { repository, tag }
  } catch {
    return undefined
  }
}
