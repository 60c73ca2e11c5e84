import { refuseExisting } from '../../bundle/partial-file.js'
import { TransferError } from '../../errors.js'
import { attachSignature } from '../../sign/attach.js'
import { makeSignature } from '../../sign/make-signature.js'
import { packSignature } from '../../sign/pack.js'
import type { SigningOptions } from '../../sign/signing-options.js'
import type { CommandContext, ExitCode } from '../context.js'
import { writeNewFile } from '../new-file.js'
import { madeLines, madeOutput } from '../render/made.js'
import { defaultPath, type NamedTarget, nameTarget, type OpenedTarget, withTarget } from '../sign-target.js'
import { type EnvelopeFormat, parseSigning, withSigning } from '../signing.js'
import type { SignCommandOptions } from './sign-options.js'

/**
 * `sign TARGET`: a signature that hangs on its target, or lies in a file. Everything is made and verified before a byte of
 * it is pushed or written.
 */
export async function signTarget(
  text: string | undefined,
  options: SignCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { format, output, reference } = options
  const named = await nameTarget(text, options)
  if (output === '') throw usage('--output names no file')
  if (format === 'nv2') return await (await import('./sign-nv2.js')).signNv2Target(named, options, context)
  if (reference !== undefined) throw usage('--reference is for --format nv2: other signatures are on the digest alone')
  requirePlace(named, output)
  const request = parseSigning(options, format)
  return await withSigning(options, { request, context }, async (signing) => {
    return await withTarget(named, { options, context }, async (target) => {
      const report = await signInto(target, { ...signing, format, output })
      context.print(report, madeLines(report, target))
    })
  })
}

async function signInto(
  target: OpenedTarget,
  given: SigningOptions & { readonly format: EnvelopeFormat; readonly output: string | undefined },
) {
  const { sink } = target
  const path = given.output ?? (sink === undefined ? defaultPath(target, `${given.format}.sig`) : undefined)
  if (path !== undefined) await refuseExisting(path)
  const made = await makeSignature(target.descriptor, given)
  const pack = packSignature(made, target.descriptor)
  if (path !== undefined) await writeNewFile(path, made.envelope)
  else if (sink !== undefined) await attachSignature(pack, sink, { signal: given.signal })
  return madeOutput(made, target, path === undefined ? { signature: pack.manifest.descriptor.digest } : { path })
}

/** @throws ERR_USAGE for a tar: rewriting it would change a file that somebody may have checked already */
function requirePlace(named: NamedTarget, output: string | undefined): void {
  if (named.kind !== 'layout' || named.form === 'folder' || output !== undefined) return
  throw usage(
    'an archive is not written to: extract a layout and sign its folder, oci:DIR, or take the signature as a file with --output FILE',
  )
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
