import { randomBytes } from 'node:crypto'
import { parseJson } from './compare.js'
import type { Notation } from './notation.js'
import type { Workspace } from './workspace.js'

/** What a publisher leaves in a registry: digests of what is signed, and the names that are exported. */
export interface Release {
  /** what is exported: HOST/REPOSITORY:TAG, or @DIGEST */
  readonly sources: readonly string[]
  readonly pair: {
    readonly index: string
    readonly child: string
    readonly sbom: string
  }
  readonly cosignTag: string
  /** Every repository, with tags or digests from which all that is in it can be reached. */
  readonly repositories: Readonly<Record<string, readonly string[]>>
}

const LAYOUT = 'layout'

/** An image layout with images by umoci: `single`, without a media type, and `pair`, an index of two platforms. */
export async function makeLayout(space: Workspace): Promise<string> {
  space.text('umoci', ['init', '--layout', LAYOUT])
  for (const [name, architecture] of [
    ['single', 'amd64'],
    ['one', 'amd64'],
    ['two', 'arm64'],
  ] as const) {
    const image = `${LAYOUT}:${name}`
    space.text('umoci', ['new', '--image', image])
    await space.write('hello.txt', `hello from ${name}\n`)
    space.text('umoci', ['insert', '--image', image, '--rootless', 'hello.txt', '/hello.txt'])
    await space.write('common.txt', 'the same everywhere\n'.repeat(5000))
    space.text('umoci', ['insert', '--image', image, '--rootless', 'common.txt', '/common.txt'])
    const platform = ['--os', 'linux', '--architecture', architecture]
    space.text('umoci', ['config', '--image', image, ...platform, '--config.cmd', '/hello.txt'])
  }
  space.text('umoci', ['gc', '--layout', LAYOUT])
  space.text('oras', ['manifest', 'index', 'create', '--oci-layout', `${LAYOUT}:pair`, 'one', 'two'])
  return LAYOUT
}

/**
 * Publishes with skopeo and oras, and signs with notation: the index (JWS), its second platform (COSE), and the SBOM of
 * the index (JWS). The index has a signature under a tag as well, as cosign leaves it.
 */
export async function publishRelease(space: Workspace, host: string, notation: Notation): Promise<Release> {
  const pair = `${host}/app/pair`
  copyIn(space, 'single', `${host}/app/single:v1`)
  copyIn(space, 'pair', `${pair}:v1`)
  copyIn(space, 'pair', `${host}/app/docker:v1`, ['--format', 'v2s2'])
  const index = rawDigest(space, `${pair}:v1`)
  const child = platformsOf(space, `${pair}:v1`)[1]?.digest ?? ''
  await space.write('config.txt', 'verbose = true\n')
  await space.write('table.csv', 'a,b\n1,2\n')
  await space.write('large.bin', randomBytes(24 * 1024 * 1024 + 1))
  const files = ['config.txt:text/plain', 'table.csv:text/csv', 'large.bin']
  oras(space, ['push', '--artifact-type', 'application/vnd.example.files', `${host}/app/files:2.0`, ...files])
  const untagged = oras(space, ['push', `${host}/app/untagged`, 'table.csv:text/csv', '--format', 'json'])
  const { digest } = parseJson<{ readonly digest: string }>(untagged)
  const sbom = await attachSbom(space, `${pair}@${index}`, 'the release')
  notation.sign(`${pair}@${index}`, 'jws')
  notation.sign(`${pair}@${child}`, 'cose')
  notation.sign(`${pair}@${sbom}`, 'jws')
  const cosignTag = `${index.replace(':', '-')}.sig`
  await pushCosignSignature(space, `${pair}:${cosignTag}`, index)
  return {
    sources: [
      `${pair}:v1`,
      `${host}/app/single:v1`,
      `${host}/app/docker:v1`,
      `${host}/app/files:2.0`,
      `${host}/app/untagged@${digest}`,
    ],
    pair: { index, child, sbom },
    cosignTag,
    repositories: {
      'app/pair': ['v1', cosignTag],
      'app/single': ['v1'],
      'app/docker': ['v1'],
      'app/files': ['2.0'],
      'app/untagged': [digest],
    },
  }
}

/** Pushes an image of the layout, as it is or in another format. */
export function copyIn(space: Workspace, name: string, to: string, format = ['--preserve-digests']): void {
  const how = ['--all', '--dest-tls-verify=false', ...format]
  space.text('skopeo', ['--insecure-policy', 'copy', ...how, `oci:${LAYOUT}:${name}`, `docker://${to}`])
}

/** Attaches an SBOM, and gives the digest of its manifest. */
export async function attachSbom(space: Workspace, subject: string, name: string): Promise<string> {
  await space.write('sbom.json', JSON.stringify({ spdxVersion: 'SPDX-2.3', name }))
  const type = 'application/spdx+json'
  const attached = oras(space, ['attach', '--artifact-type', type, subject, `sbom.json:${type}`, '--format', 'json'])
  return parseJson<{ readonly digest: string }>(attached).digest
}

async function pushCosignSignature(space: Workspace, to: string, digest: string): Promise<void> {
  const critical = {
    identity: {},
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  }
  await space.write('payload.json', JSON.stringify({ critical, optional: null }))
  await space.write('cosign.json', JSON.stringify({ rootfs: { type: 'layers', diff_ids: [] } }))
  const annotations = { 'payload.json': { 'dev.cosignproject.cosign/signature': 'bm90IGEgc2lnbmF0dXJl' } }
  await space.write('annotations.json', JSON.stringify(annotations))
  const config = ['--config', 'cosign.json:application/vnd.oci.image.config.v1+json']
  const payload = 'payload.json:application/vnd.dev.cosign.simplesigning.v1+json'
  oras(space, ['push', ...config, '--annotation-file', 'annotations.json', to, payload])
}

/** `oras` over plain HTTP; the first word is the command. */
function oras(space: Workspace, [command = '', ...rest]: readonly string[]): string {
  return space.text('oras', [command, '--plain-http', '--no-tty', ...rest])
}

function rawDigest(space: Workspace, reference: string): string {
  return space.text('skopeo', ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${reference}`])
}

function platformsOf(space: Workspace, reference: string): readonly { readonly digest: string }[] {
  const raw = space.text('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`])
  return parseJson<{ readonly manifests: readonly { readonly digest: string }[] }>(raw).manifests
}
