import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { refuseExisting } from '../../bundle/partial-file.js'
import { fileFault } from '../../content/file-bytes.js'
import { memoryStore } from '../../content/memory.js'
import { once } from '../../content/reopenable.js'
import type { ExportSource } from '../../export/request.js'
import { planRequest, writePlan } from '../../export/run.js'
import { waybillSigner } from '../../export/sign-waybill.js'
import { parseReference } from '../../oci/reference.js'
import { attachSignature } from '../../sign/attach.js'
import { makeSignature } from '../../sign/make-signature.js'
import { packSignature } from '../../sign/pack.js'
import type { SigningOptions } from '../../sign/signing-options.js'
import { ENVELOPE_JWS } from '../../trust/envelope/envelope.js'
import { makeSigningKeys } from '../../trust/key/new-keys.js'
import { loadSigner } from '../../trust/key/signer.js'
import { groupsOf } from '../../trust/store/fingerprint.js'
import type { Sample, WorkGiven } from '../../tui/means.js'
import type { CommandContext } from '../context.js'
import { CONCURRENCY } from '../defaults.js'
import { writeNewFile } from '../new-file.js'
import { SAMPLE_VENDOR, sampleImages } from './content.js'

const NAME = 'registry.wabbit-networks.example/net-monitor:v1'
const KEY_NAME = 'Wabbit Networks sample'
const DAY_MS = 24 * 60 * 60 * 1000
/** After this the bundle is refused: nobody is to find one in a drawer, and its maker among the trusted. */
const LIFETIME_MS = 30 * DAY_MS

export interface MadeSample extends Sample {
  /** SHA-256 of the root certificate, lower-case hexadecimal */
  readonly thumbprint: string
}

/**
 * Makes a small signed release to try everything with: a bundle, and its exporter's certificate. No network, no registry; the
 * keys are made for it and forgotten. Never writes over a file.
 * @throws ERR_FILE_EXISTS, ERR_MEDIUM, ERR_DISK_FULL, ERR_CANCELLED
 */
export async function makeSample(
  folder: string,
  context: Pick<CommandContext, 'now' | 'generator'>,
  { emit, signal, ready }: WorkGiven,
): Promise<MadeSample> {
  const paths = { bundle: join(folder, 'wabbit-networks.tar'), certificate: join(folder, 'exporter-ca.crt') }
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw fileFault(`cannot make the folder ${folder}`, folder, cause)
  })
  for (const path of [paths.bundle, paths.certificate]) await refuseExisting(path)
  const now = context.now()
  const keys = await makeSigningKeys({ name: KEY_NAME, now })
  const signing: SigningOptions = {
    signer: loadSigner(keys.signingKeyPem, keys.chainPem, now),
    type: ENVELOPE_JWS,
    signingTime: now,
    now,
    metadata: {},
    agent: context.generator,
    signal,
  }
  const source = { kind: 'registry', text: NAME, reference: parseReference(NAME) } satisfies ExportSource
  const store = await signedRelease(signing)
  const given = {
    open: async () => ({
      repository: source.reference.repository,
      tag: 'v1',
      source: store,
      root: () => store.resolve({ kind: 'tag', tag: 'v1' }, { signal }),
    }),
    emit,
    signal,
    ready,
    concurrency: CONCURRENCY.write,
    createdAt: () => now,
    generator: context.generator,
    lifetimeMs: LIFETIME_MS,
    evidence: { files: [], required: false, now: () => now },
  }
  const plan = await planRequest({ sources: [source], allowUnknownReferrers: false }, given)
  await writePlan(plan, paths.bundle, { ...given, sign: waybillSigner(signing, () => {}) })
  await writeNewFile(paths.certificate, Buffer.from(keys.caCertPem)).catch(async (cause: unknown) => {
    // A bundle that nobody can ever trust is of no use.
    await rm(paths.bundle, { force: true })
    throw cause
  })
  return { ...paths, fingerprint: groupsOf(keys.rootThumbprint), thumbprint: keys.rootThumbprint }
}

async function signedRelease(signing: SigningOptions) {
  const store = memoryStore()
  const { index, sbom, contents } = await sampleImages()
  for (const { descriptor, bytes } of contents) await store.push(descriptor, once(bytes), signing)
  for (const subject of [index, sbom]) {
    await attachSignature(packSignature(await makeSignature(subject, signing), subject), store, signing)
  }
  await store.tag(index, 'v1', signing)
  return store
}

/** What the maker of the sample tells, as lines. */
export function sampleLines({ bundle, certificate, fingerprint }: Sample): readonly string[] {
  const half = Math.ceil(fingerprint.length / 2)
  return [
    `wrote ${bundle} and ${certificate}`,
    `net-monitor for two platforms, its SBOM and signatures on both, by ${SAMPLE_VENDOR}; refused after 30 days.`,
    'By telephone its exporter would tell this fingerprint (SHA-256):',
    `  ${fingerprint.slice(0, half).trim()}`,
    `  ${fingerprint.slice(half).trim()}`,
  ]
}
