import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDockerArchive } from '../../../src/content/docker-archive.js'
import type { ImageLayout } from '../../../src/content/image-layout.js'
import { openLayoutTar } from '../../../src/content/layout-tar.js'
import { fetchAll } from '../../../src/content/read-all.js'
import { canonicalBytes } from '../../../src/encoding/canonical-json.js'
import { ERRORS, type ErrorCode } from '../../../src/errors.js'
import { digestOf } from '../../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../../src/oci/manifest.js'
import { noise } from '../../support/build.js'
import { aRelease, judge } from '../../support/bundles.js'
import { byHand, signedBy } from '../../support/bundles-by-hand.js'
import { readVector } from '../../support/bundles-vectors.js'
import { savedTar } from '../../support/docker-archive.js'
import { fixedSigner } from '../../support/keys-fixed.js'
import { layoutFiles, tarOf } from '../../support/layout-files.js'
import { CALL, tmpFolder } from '../../support/tmp.js'
import { believed, type FuzzTarget } from '../target.js'
import { aFuzzBundle } from './fuzz-bundle.js'

const VECTORS = fileURLToPath(new URL('../../vectors/', import.meta.url))
const OF_A_BUNDLE = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => [5, 6].includes(ERRORS[code].exit))

const bundles: FuzzTarget = {
  name: 'bundles',
  codes: [...OF_A_BUNDLE, 'ERR_COLLISION'],
  shape: 'tar',
  share: 60,
  prepare: async () => {
    const names = readdirSync(VECTORS).filter((name) => existsSync(join(VECTORS, name, 'expect.json')))
    const seeds = await Promise.all(names.map(readVector))
    const sound = new Set(seeds.filter((_, at) => isSound(names[at] ?? '')).map((bytes) => digestOf(bytes)))
    const path = join(await tmpFolder(), 'bundle.tar')
    return {
      seeds,
      read: async (bytes) => {
        await writeFile(path, bytes)
        const { verdict, code } = await judge(path)
        if (verdict === 'verified' && !sound.has(digestOf(bytes))) believed('a bundle that nobody sealed')
        if (verdict === 'other') believed(`a refusal of no known kind: ${code}`)
      },
    }
  },
}

function isSound(name: string): boolean {
  return readFileSync(join(VECTORS, name, 'expect.json'), 'utf8').includes('"verdict": "verified"')
}

/** What an exporter claims whose key is trusted: any document at all, sealed and signed. */
const sealed: FuzzTarget = {
  name: 'documents that are signed',
  codes: [...OF_A_BUNDLE, 'ERR_COLLISION'],
  shape: 'json',
  share: 60,
  words: [
    'roots',
    'lookups',
    'evidence',
    'links',
    'omissions',
    'platforms',
    '../',
    'sha256:',
    'expiresAt',
    '2026-11-21T12:00:00Z',
  ],
  prepare: async () => {
    const { contents, content } = await aFuzzBundle()
    const sign = signedBy(fixedSigner())
    const path = join(await tmpFolder(), 'bundle.tar')
    return {
      seeds: [canonicalBytes(contents.document)],
      read: async (document) => {
        await writeFile(path, await byHand({ ...contents, content, document, sign }))
        const { verdict, code } = await judge(path)
        if (verdict === 'other') believed(`a refusal of no known kind: ${code}`)
      },
    }
  },
}

const OF_A_LAYOUT: readonly ErrorCode[] = [
  ...(['ERR_BUNDLE_FORMAT', 'ERR_BUNDLE_TRUNCATED', 'ERR_BUNDLE_VERSION', 'ERR_JSON_INVALID'] as const),
  ...(['ERR_CONTENT_AMBIGUOUS', 'ERR_CONTENT_MISMATCH', 'ERR_LIMIT_EXCEEDED', 'ERR_NOT_FOUND'] as const),
]

function layoutArchive(name: string, open: typeof openLayoutTar, make: () => Promise<Uint8Array>): FuzzTarget {
  return {
    name,
    codes: OF_A_LAYOUT,
    shape: 'tar',
    words: [
      '../x',
      '/etc/passwd',
      './index.json',
      'index.json',
      'oci-layout',
      'manifest.json',
      '00000000000',
      '2',
      '1',
      'x',
    ],
    prepare: async () => {
      const path = join(await tmpFolder(), 'archive.tar')
      const seeds = [await make()]
      return {
        seeds,
        read: async (bytes) => {
          await writeFile(path, bytes)
          const layout = await open(path, CALL)
          try {
            await readEverything(layout)
          } finally {
            await layout.close()
          }
        },
      }
    },
  }
}

const WHOLE = { ...CALL, maxBytes: 1024 * 1024 }

/** Whatever is given out for a digest has that digest. */
async function readEverything({ entries, source }: ImageLayout): Promise<void> {
  for (const entry of entries.slice(0, 20)) {
    const bytes = await fetchAll(source, entry, WHOLE)
    if (digestOf(bytes) !== entry.digest) believed('a manifest that is another one')
    const manifest = parseManifest(bytes, entry.mediaType, entry.digest)
    for (const child of childrenOf(manifest).slice(0, 20)) {
      if (digestOf(await fetchAll(source, child, WHOLE)) !== child.digest) believed('a blob that is another one')
    }
  }
}

const LAYERS = [noise(900, 'base'), noise(1200, 'top')]

export const ARCHIVES: readonly FuzzTarget[] = [
  bundles,
  sealed,
  layoutArchive('tars of image layouts', openLayoutTar, async () => await tarOf(layoutFiles(aRelease(40).all))),
  layoutArchive('archives of docker save', openDockerArchive, async () =>
    savedTar([
      { names: ['app:1'], layers: LAYERS },
      { names: null, layers: LAYERS.slice(0, 1) },
    ]),
  ),
]
