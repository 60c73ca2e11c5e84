import { stat } from 'node:fs/promises'
import { refuseExisting } from '../../bundle/partial-file.js'
import type { ImageLayout } from '../../content/image-layout.js'
import { fetchAll } from '../../content/read-all.js'
import { canonicalBytes } from '../../encoding/canonical-json.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { type LayoutForm, parseSource } from '../../export/request.js'
import { LIMITS } from '../../limits.js'
import { bare } from '../../oci/descriptor.js'
import { childrenOf, type Manifest, parseManifest } from '../../oci/manifest.js'
import { isNonDistributable } from '../../oci/media-types.js'
import { openImageLayout } from '../compose.js'
import type { CommandContext, ExitCode } from '../context.js'
import { writeNewFile } from '../new-file.js'

export interface ManifestCommandOptions {
  readonly name?: string
  /** print the descriptor of the manifest instead of the manifest */
  readonly descriptor?: boolean
  readonly output?: string
}

/**
 * `manifest ARCHIVE`: byte for byte the manifest that an image of an archive will have in a registry, so that it can be
 * signed before there is one. An image is read to its end first: nobody should sign what is not whole. (Of an index some
 * platforms may rightly be absent.)
 */
export async function printManifest(
  archive: string,
  options: ManifestCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { path, form, name } = await placeOf(archive, options)
  if (options.output !== undefined) await refuseUnwritable(options.output)
  const layout = await openImageLayout(path, form, context.signal)
  try {
    const { descriptor, name: called } = await layout.resolveRoot(name, context)
    const bytes = await fetchAll(layout.source, descriptor, { ...context, maxBytes: LIMITS.manifestBytes })
    await readThrough(layout, parseManifest(bytes, descriptor.mediaType, descriptor.digest), context)
    const printed = options.descriptor === true ? descriptorLine(bare(descriptor)) : bytes
    if (options.output !== undefined) await writeNewFile(options.output, printed)
    const document = {
      schema: 'waybill.manifest.v1' as const,
      archive: path,
      ...(called === undefined ? {} : { name: called }),
      ...bare(descriptor),
      ...(options.output === undefined ? {} : { path: options.output }),
    }
    context.print(document, options.output === undefined ? printed : [`wrote ${options.output}`, descriptor.digest])
    return 0
  } finally {
    await layout.close()
  }
}

interface Place {
  readonly path: string
  readonly form: LayoutForm
  readonly name: string | undefined
}

/** A path, or a source as `export` takes it. A file is looked into: a Docker archive may be a layout as well. */
async function placeOf(text: string, options: ManifestCommandOptions): Promise<Place> {
  if (!/^(?:oci|oci-archive|docker-archive):/.test(text)) {
    const found = await stat(text).catch(() => undefined)
    return { path: text, form: found?.isDirectory() === true ? 'folder' : 'docker-archive', name: options.name }
  }
  const source = parseSource(text)
  if (source.kind !== 'layout') throw usage(`${printable(text, 300)} is not an archive`)
  if (source.name !== undefined && options.name !== undefined) throw usage('the image is named twice')
  return { path: source.path, form: source.form, name: source.name ?? options.name }
}

async function refuseUnwritable(output: string): Promise<void> {
  if (output === '' || output.endsWith('/')) throw usage(`--output names no file: ${JSON.stringify(output)}`)
  await refuseExisting(output)
}

async function readThrough(layout: ImageLayout, manifest: Manifest, call: CommandContext): Promise<void> {
  if (manifest.kind === 'index') return
  for (const child of childrenOf(manifest)) {
    if (isNonDistributable(child.mediaType)) continue
    for await (const _ of layout.source.fetch(child, call)) call.signal.throwIfAborted()
  }
}

function descriptorLine(descriptor: ReturnType<typeof bare>): Uint8Array {
  return Buffer.concat([canonicalBytes(descriptor), Buffer.from('\n')])
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
