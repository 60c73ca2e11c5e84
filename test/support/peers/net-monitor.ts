import { randomBytes } from 'node:crypto'
import { parseJson } from './compare.js'
import type { Notation } from './notation.js'
import { copyIn } from './release.js'
import type { Workspace } from './workspace.js'

const PLATFORMS = ['amd64', 'arm64'] as const
const BASE_BYTES = 1024 * 1024

/** The artifact types of what hangs on a release, beside signatures. */
export const SBOM = 'application/spdx+json'
export const SOURCES = 'application/vnd.wabbit.sources'

/** One release of net-monitor, as its vendor has pushed it. */
export interface NetMonitor {
  /** of the index */
  readonly digest: string
  readonly sbom: string
  readonly sources: string
}

/** What all releases of net-monitor have in common, in the workspace's image layout: a base for each platform. */
export async function makeNetMonitor(space: Workspace): Promise<void> {
  space.text('umoci', ['init', '--layout', 'layout'])
  for (const architecture of PLATFORMS) {
    space.text('umoci', ['new', '--image', `layout:${architecture}`])
    await insert(space, architecture, { name: 'base.bin', bytes: randomBytes(BASE_BYTES) })
    space.text('umoci', [
      'config',
      '--image',
      `layout:${architecture}`,
      '--os',
      'linux',
      '--architecture',
      architecture,
    ])
  }
}

/**
 * Builds the next release on that base, pushes it as an index of two platforms with an SBOM and a bundle of its sources,
 * and has the vendor sign all three.
 * @param to HOST/REPOSITORY:TAG
 */
export async function releaseNetMonitor(space: Workspace, to: string, vendor: Notation): Promise<NetMonitor> {
  for (const architecture of PLATFORMS) {
    await insert(space, architecture, { name: 'net-monitor', bytes: randomBytes(1000) })
  }
  space.text('oras', ['manifest', 'index', 'create', '--oci-layout', 'layout:release', ...PLATFORMS])
  copyIn(space, 'release', to)
  const digest = space.text('oras', ['resolve', '--plain-http', to])
  const repository = to.slice(0, to.lastIndexOf(':'))
  const release = `${repository}@${digest}`
  await space.write('sbom.json', JSON.stringify({ spdxVersion: 'SPDX-2.3', name: digest }))
  await space.write('sources.tgz', randomBytes(1000))
  const sbom = attach(space, release, { type: SBOM, file: 'sbom.json' })
  const sources = attach(space, release, { type: SOURCES, file: 'sources.tgz' })
  for (const signed of [digest, sbom, sources]) vendor.sign(`${repository}@${signed}`, 'jws')
  return { digest, sbom, sources }
}

async function insert(
  space: Workspace,
  image: string,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
): Promise<void> {
  await space.write(name, bytes)
  space.text('umoci', ['insert', '--image', `layout:${image}`, '--rootless', name, `/${name}`])
}

function attach(
  space: Workspace,
  subject: string,
  { type, file }: { readonly type: string; readonly file: string },
): string {
  const how = ['--plain-http', '--no-tty', '--artifact-type', type, '--format', 'json']
  return parseJson<{ readonly digest: string }>(space.text('oras', ['attach', ...how, subject, file])).digest
}
