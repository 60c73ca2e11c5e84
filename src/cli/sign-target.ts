import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseSubject } from '../audit/verify-file.js'
import type { CallOptions, ContentSink, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import { type LayoutForm, parseSource, selectorOf } from '../export/request.js'
import { type BareDescriptor, bare } from '../oci/descriptor.js'
import { encodedOf } from '../oci/digest.js'
import { formatReference, type Reference, type Repository } from '../oci/reference.js'
import { describeManifest, readTarget } from '../sign/resolve-target.js'
import { connect, openImageLayout, readNamedFile } from './compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from './context.js'

/** What `sign` was told to sign, before anybody has looked at it. */
export type NamedTarget =
  | { readonly kind: 'registry'; readonly reference: Reference }
  | { readonly kind: 'layout'; readonly form: LayoutForm; readonly path: string; readonly name?: string }
  | { readonly kind: 'manifest'; readonly path: string; readonly mediaType: string | undefined }
  | { readonly kind: 'descriptor'; readonly path: string }

/** What is signed, and where its signature can hang; without a sink it becomes a file in `folder`. */
export interface OpenedTarget {
  readonly descriptor: BareDescriptor
  readonly name: string
  readonly reference?: Reference
  readonly sink?: ContentSink
  readonly folder: string
  /** a file with the descriptor */
  readonly describedBy?: string
}

export interface TargetOptions {
  readonly descriptor?: string
  readonly mediaType?: string
}

/**
 * Tells a registry's reference, a layout and a file apart. `oci:`, `oci-archive:`, `docker-archive:` and `file:` say it; what
 * begins with `/`, `./` or `../` is a path; anything else is one only if it is no reference.
 * @throws ERR_USAGE, ERR_REFERENCE_INVALID
 */
export async function nameTarget(text: string | undefined, options: TargetOptions): Promise<NamedTarget> {
  if ((text === undefined) === (options.descriptor === undefined)) {
    throw usage('give what to sign: a reference, a layout or a manifest file, or else --descriptor FILE')
  }
  const found: NamedTarget =
    text === undefined ? { kind: 'descriptor', path: options.descriptor ?? '' } : await named(text)
  if (options.mediaType === undefined) return found
  if (found.kind !== 'manifest') throw usage('--media-type is for a manifest file; everything else says its own')
  return { ...found, mediaType: options.mediaType }
}

async function named(text: string): Promise<NamedTarget> {
  const path = /^file:(.+)$/s.exec(text)?.[1] ?? (/^\.{0,2}\//.test(text) ? text : undefined)
  if (path !== undefined) return (await onDisk(path)) ?? { kind: 'manifest', path, mediaType: undefined }
  try {
    const source = parseSource(text)
    if (source.kind === 'registry') return { kind: 'registry', reference: source.reference }
    const { form, path: place, name } = source
    return { kind: 'layout', form, path: place, ...(name === undefined ? {} : { name }) }
  } catch (cause) {
    const found = await onDisk(text)
    if (found !== undefined) return found
    throw cause
  }
}

/** A folder can only be a layout; a file is a manifest until it has been read. */
async function onDisk(path: string): Promise<NamedTarget | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return { kind: 'layout', form: 'folder', path }
  return found === undefined ? undefined : { kind: 'manifest', path, mediaType: undefined }
}

interface TargetAccess extends CallOptions {
  readonly openSink: (repository: Repository) => Promise<ContentSource & ContentSink>
}

/** Opens what is to be signed, says what it stands for, and closes everything after `use`. */
export async function withTarget(
  named: NamedTarget,
  given: { readonly options: NetworkOptions; readonly context: CommandContext },
  use: (target: OpenedTarget) => Promise<void>,
): Promise<ExitCode> {
  const { context } = given
  const connections = connect(given.options, context)
  try {
    const target = await openTarget(named, { signal: context.signal, openSink: connections.openSink })
    const { reference, descriptor, name } = target
    // What a tag stands for is settled here, and shown: the signature is on the digest, whatever becomes of the tag.
    if (reference !== undefined) context.emit({ type: 'pinned', reference: name, digest: descriptor.digest })
    await use(target)
    return 0
  } finally {
    await connections.close()
  }
}

/**
 * Finds what a name stands for now, from its bytes.
 * @throws ERR_NOT_FOUND, ERR_CONTENT_MISMATCH, ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID, ERR_CONFIG_INVALID, ERR_MEDIUM
 */
async function openTarget(target: NamedTarget, access: TargetAccess): Promise<OpenedTarget> {
  switch (target.kind) {
    case 'registry':
      return await openRegistry(target.reference, access)
    case 'layout':
      return await openLayout(target, access)
    case 'manifest': {
      const { path, mediaType } = target
      const descriptor = describeManifest(await readNamedFile(path), { mediaType, what: path })
      return { descriptor, name: path, folder: dirname(path) }
    }
    case 'descriptor': {
      const descriptor = bare(parseSubject(await readNamedFile(target.path), target.path))
      return { descriptor, name: target.path, folder: dirname(target.path), describedBy: target.path }
    }
  }
}

async function openRegistry(reference: Reference, access: TargetAccess): Promise<OpenedTarget> {
  const repository = await access.openSink(reference.repository)
  const descriptor = await readTarget(repository, await repository.resolve(selectorOf(reference), access), access)
  return { descriptor, name: formatReference(reference), reference, sink: repository, folder: '.' }
}

async function openLayout(
  target: NamedTarget & { readonly kind: 'layout' },
  access: TargetAccess,
): Promise<OpenedTarget> {
  const { path, name, form } = target
  const layout = await openImageLayout(path, form, access.signal)
  try {
    const root = await layout.resolveRoot(name, access)
    const descriptor = await readTarget(layout.source, root.descriptor, access)
    const found = { descriptor, name: root.name === undefined ? path : `${path}:${root.name}`, folder: dirname(path) }
    if (form !== 'folder') return found
    const { layoutFolderSink } = await import('../content/layout-sink.js')
    return { ...found, sink: await layoutFolderSink(path) }
  } finally {
    await layout.close()
  }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}

/** notary: signature-specification, "Blob signatures": a file is called after what it signs. */
export function defaultPath({ folder, descriptor }: OpenedTarget, ending: string): string {
  return join(folder, `${encodedOf(descriptor.digest)}.${ending}`)
}
