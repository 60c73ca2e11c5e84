import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Exchange } from '../../src/web/exchange.js'
import { anImage } from './build.js'
import { aSignature, aSigner } from './evidence.js'
import { crlOf, crlSource, ocspOf, ocspSource } from './revocation.js'

const FOLDER = new URL('../vectors/evidence/', import.meta.url)
const FILES = ['signature.json', 'envelope.jws', 'list.crl', 'response.ocsp'] as const
type FixedFile = (typeof FILES)[number]

/** The image of the vectors with evidence. Who signed it is in its envelope; the key was thrown away. */
export const SIGNED_IMAGE = anImage({ layers: 1, size: 300, seed: 'with evidence' })

export function fixedFile(name: FixedFile): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)))
}

/** Answers as the authority of the vectors did: a list, a response, and nothing at a third address. */
export const fixedAnswers: Exchange = async ({ url }) => {
  if (url === 'http://ca.example/list.crl') return { status: 200, body: fixedFile('list.crl') }
  if (url === 'http://ca.example/ocsp') return { status: 200, body: fixedFile('response.ocsp') }
  return { status: 404, body: new Uint8Array() }
}

/** Everything here was made by this, once: signatures are random, and vectors must not be. */
export async function makeFixedEvidence(): Promise<void> {
  if (FILES.every((name) => existsSync(new URL(name, FOLDER)))) return
  const lists = ['http://ca.example/list.crl', 'http://ca.example/gone.crl']
  const signer = await aSigner([crlSource(...lists), ocspSource('http://ca.example/ocsp')])
  const { contents } = await aSignature(SIGNED_IMAGE, signer)
  const made: Readonly<Record<FixedFile, Uint8Array>> = {
    'envelope.jws': contents[0]?.bytes ?? new Uint8Array(),
    'signature.json': contents.at(-1)?.bytes ?? new Uint8Array(),
    'list.crl': crlOf(signer.root).der,
    'response.ocsp': ocspOf({ subject: signer.leaf, issuer: signer.root }).der,
  }
  await mkdir(FOLDER, { recursive: true })
  for (const name of FILES) await writeFile(new URL(name, FOLDER), made[name], { flag: 'wx' })
}
