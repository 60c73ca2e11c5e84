// What the signatures of artifacts cost: `verify` of a bundle of many signed artifacts, under a trust policy, beside the
// same bundle without their signatures. `node bench/signed.mjs [ARTIFACTS] [RUNS]` after a build; `npm run bench` has it too.
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  buildSignatureManifest,
  canonicalBytes,
  describe,
  ENVELOPE_JWS,
  encodedOf,
  formatPayload,
  loadSigner,
  OCI_EMPTY,
  OCI_MANIFEST,
  sealEnvelope,
} from '../samples/built.mjs'
import { measure, median, run } from './measure.mjs'
import { command, WAYBILL } from './tools.mjs'

const EMPTY = Buffer.from('{}')

/** @param {{ artifacts: number, runs: number }} given */
export async function verifySigned({ artifacts, runs }) {
  const root = await mkdtemp(join(tmpdir(), 'waybill-signed-'))
  try {
    const env = { WAYBILL_CONFIG: join(root, 'config') }
    await run(command`${[...WAYBILL]} keys init ${root}/keys`, env)
    await run(command`${[...WAYBILL]} trust add ${root}/keys/ca.crt`, env)
    await run(command`${[...WAYBILL]} trust add ${root}/keys/ca.crt --store vendor`, env)
    const bundles = {}
    for (const kind of ['unsigned', 'signed']) bundles[kind] = await makeBundle(root, { kind, artifacts, env })
    await writeFile(join(root, 'config/trustpolicy.json'), JSON.stringify(POLICY))
    const figures = { unsigned: [], signed: [] }
    for (let round = 0; round < runs; round += 1) {
      for (const kind of ['unsigned', 'signed']) {
        // The unsigned one has nothing that the policy could accept: it is judged without.
        const config = kind === 'signed' ? env : { WAYBILL_CONFIG: await withoutPolicy(root) }
        figures[kind].push(
          await measure([command`${[...WAYBILL]} verify ${bundles[kind]}`], {
            folder: join(root, 'config'),
            env: config,
          }),
        )
      }
    }
    print(artifacts, figures)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'vendor',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:vendor'],
      trustedIdentities: ['*'],
    },
  ],
}

async function withoutPolicy(root) {
  const folder = join(root, 'config-plain')
  await mkdir(join(folder, 'truststore/x509/ca/exporters'), { recursive: true })
  await writeFile(join(folder, 'truststore/x509/ca/exporters/ca.crt'), readFileSync(join(root, 'keys/ca.crt')))
  return folder
}

async function makeBundle(root, { kind, artifacts, env }) {
  const layout = join(root, kind)
  const blobs = join(layout, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const put = async (mediaType, bytes) => {
    const descriptor = describe(mediaType, bytes)
    await writeFile(join(blobs, encodedOf(descriptor.digest)), bytes)
    return descriptor
  }
  const read = (name) => readFileSync(join(root, 'keys', name), 'utf8')
  const now = new Date()
  const signer = loadSigner(read('signing.key'), read('signing.crt'), now)
  const config = await put(OCI_EMPTY, EMPTY)
  const entries = []
  for (let at = 0; at < artifacts; at += 1) {
    const layer = await put('text/plain', Buffer.from(`artifact ${at}\n`))
    const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: 'text/plain', config, layers: [layer] }
    const subject = await put(OCI_MANIFEST, canonicalBytes(manifest))
    entries.push({ ...subject, annotations: { 'org.opencontainers.image.ref.name': `example.com/app-${at}:v1` } })
    if (kind === 'unsigned') continue
    const given = { type: ENVELOPE_JWS, signingTime: now, agent: 'bench' }
    const envelope = await put(ENVELOPE_JWS, await sealEnvelope(formatPayload(subject), signer, given))
    await put('application/vnd.cncf.notary.signature', EMPTY)
    entries.push(
      await put(OCI_MANIFEST, buildSignatureManifest({ envelope, subject, chain: signer.chain, createdAt: now })),
    )
  }
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: entries }))
  const names = entries.flatMap(({ annotations }) => Object.values(annotations ?? {}))
  const sources = names.map((name) => `oci:${layout}:${name}`)
  const bundle = join(root, `${kind}.tar`)
  const keys = ['--key', join(root, 'keys/signing.key'), '--cert', join(root, 'keys/signing.crt')]
  await run([...WAYBILL, 'export', ...sources, '--output', bundle, ...keys], env)
  return bundle
}

function print(artifacts, figures) {
  const seconds = (kind) => median(figures[kind].map((one) => one.seconds))
  const peak = (kind) => Math.max(...figures[kind].map(({ peakMB }) => peakMB)).toFixed(0)
  console.log(`\nverify of ${artifacts} artifacts  (median of ${figures.signed.length})`)
  for (const kind of ['unsigned', 'signed'])
    console.log(`  ${kind.padEnd(8)} ${seconds(kind).toFixed(2)} s  peak ${peak(kind)} MB`)
  console.log(`  their signatures take ${(seconds('signed') - seconds('unsigned')).toFixed(2)} s more`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [artifacts = '1000', runs = '3'] = process.argv.slice(2)
  await verifySigned({ artifacts: Number(artifacts), runs: Number(runs) })
}
