import { refuseExisting } from '../../bundle/partial-file.js'
import { TransferError } from '../../errors.js'
import { parseKeySpec } from '../../keys/key-spec.js'
import { obtainPassword } from '../../keys/passwords.js'
import { formatReference } from '../../oci/reference.js'
import { makesEnvelopes } from '../../sign/signing-options.js'
import { isEncryptedKey, readPrivateKey } from '../../trust/key/private-key.js'
import { checkMadeNv2 } from '../../trust/nv2/check-made.js'
import type { Nv2Key } from '../../trust/nv2/nv2.js'
import { nv2Key, nv2KeyOfSigner } from '../../trust/nv2/nv2-key.js'
import { signNv2 } from '../../trust/nv2/sign-nv2.js'
import type { CommandContext, ExitCode } from '../context.js'
import { writeNewFile } from '../new-file.js'
import { keyAccess, openSigner, placeKey, readChain } from '../open-signer.js'
import { madeLines, madeNv2Output } from '../render/made.js'
import { defaultPath, type NamedTarget, type OpenedTarget, withTarget } from '../sign-target.js'
import { lifetimeOf } from '../signing.js'
import type { SignCommandOptions } from './sign-options.js'

/**
 * `sign --format nv2 TARGET`: a JWT of the 2020 prototype, always in a file. It has no link to its subject by which a
 * registry could list it (nv2, docs/nv2), so there is nothing that could hang it there.
 */
export async function signNv2Target(
  named: NamedTarget,
  options: SignCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  refuseForeign(options)
  const lifetimeMs = options.expiry === undefined ? undefined : lifetimeOf(options.expiry)
  const key = await openKeyOf(options, context)
  try {
    return await withTarget(named, { options, context }, async (target) => {
      const path = options.output ?? defaultPath(target, 'nv2')
      await refuseExisting(path)
      const at = context.createdAt()
      const token = await signNv2(target.descriptor, key.nv2, {
        references: options.reference ?? namesOf(target),
        at,
        signal: context.signal,
        ...(lifetimeMs === undefined ? {} : { expiry: new Date(at.getTime() + lifetimeMs) }),
      })
      const bytes = new TextEncoder().encode(token)
      const opened = await checkMadeNv2(bytes, { target: target.descriptor, now: context.now() })
      await writeNewFile(path, bytes)
      const report = madeNv2Output(opened, target, { path })
      context.print(report, madeLines(report, target))
    })
  } finally {
    await key.close()
  }
}

function refuseForeign({ metadata, timestampUrl, timestampRoot }: SignCommandOptions): void {
  if (metadata === undefined && timestampUrl === undefined && timestampRoot === undefined) return
  throw new TransferError('ERR_USAGE', 'a signature of the prototype has neither --metadata nor a timestamp', {
    side: 'operator',
  })
}

/** What was named by a tag is signed under that name, as the prototype does. */
function namesOf({ reference }: OpenedTarget): readonly string[] {
  return reference?.tag === undefined ? [] : [formatReference({ repository: reference.repository, tag: reference.tag })]
}

interface OpenedNv2Key {
  readonly nv2: Nv2Key
  close(): Promise<void>
}

/** A key in a PEM file signs as the prototype does; everything else only where raw signatures are the same. */
async function openKeyOf(options: SignCommandOptions, context: CommandContext): Promise<OpenedNv2Key> {
  const spec = await placeKey(parseKeySpec(options), context)
  const bytes = spec.kind === 'file' ? await context.readFile(spec.path) : undefined
  const pem = bytes?.[0] === 0x30 ? undefined : bytes && Buffer.from(bytes).toString('latin1')
  if (spec.kind === 'file' && pem !== undefined) {
    const access = keyAccess(context)
    const password = isEncryptedKey(pem)
      ? await obtainPassword('the signing key', spec.passwordFile, access)
      : undefined
    const chain = spec.cert === undefined ? [] : await readChain(spec.cert, context)
    return { nv2: nv2Key(readPrivateKey(pem, password), chain), close: async () => undefined }
  }
  const signer = await openSigner(spec, context)
  if (!makesEnvelopes(signer)) return { nv2: nv2KeyOfSigner(signer), close: () => signer.close() }
  await signer.close()
  throw new TransferError('ERR_KEY_UNUSABLE', 'the plugin makes whole envelopes, and none of the prototype’s', {
    side: 'operator',
  })
}
