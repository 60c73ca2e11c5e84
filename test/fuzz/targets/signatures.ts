import { isDeepStrictEqual } from 'node:util'
import { decodeCbor, encodeCbor } from '../../../src/trust/envelope/cbor.js'
import { coseHeader } from '../../../src/trust/envelope/cose-header.js'
import {
  ENVELOPE_COSE,
  ENVELOPE_JWS,
  type EnvelopeType,
  type OpenedEnvelope,
} from '../../../src/trust/envelope/envelope.js'
import { prepareJws } from '../../../src/trust/envelope/jws.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { withTimestampToken } from '../../../src/trust/envelope/seal.js'
import { nv2Key } from '../../../src/trust/nv2/nv2-key.js'
import { openNv2 } from '../../../src/trust/nv2/open-nv2.js'
import { signNv2 } from '../../../src/trust/nv2/sign-nv2.js'
import { verifyNv2 } from '../../../src/trust/nv2/verify-nv2.js'
import { formatPayload, parsePayload } from '../../../src/trust/payload.js'
import { forgeCose } from '../../support/cose.js'
import { mintChain, NOW, signerOf } from '../../support/keys.js'
import { contextOf, outcomeOf, signedBy, TARGET } from '../../support/notary.js'
import { rawToken, registrar } from '../../support/nv2.js'
import { believed, type FuzzTarget } from '../target.js'

const HEADER_WORDS = [
  ...['alg', 'none', 'HS256', 'ES256', 'crit', 'cty', 'x5c', 'jwk', 'b64', 'exp', 'io.cncf.notary.signingScheme'],
  ...['io.cncf.notary.expiry', 'io.cncf.notary.signingTime', 'notary.x509.signingAuthority', '2026-11-22T12:00:00Z'],
]

/** Envelopes as they lie in a bundle: whoever changes one has no key. */
function envelope(name: string, type: EnvelopeType, shape: FuzzTarget['shape']): FuzzTarget {
  return {
    name,
    codes: ['ERR_SIGNATURE_INVALID'],
    shape,
    words: [...HEADER_WORDS, 'header', 'protected', 'payload', 'signature', 'signatures'],
    prepare: async () => {
      const chain = await mintChain()
      const sealed = await signedBy(chain, { type, expiry: new Date(NOW.getTime() + 86_400_000) })
      const seeds = [sealed, withTimestampToken(sealed, type, Buffer.from('3003020100', 'hex'))]
      const signed = ({ timestampToken: _, ...opened }: OpenedEnvelope): object => opened
      const known = signed(await openEnvelope(sealed, type))
      const context = contextOf({ stores: { 'ca:acme': [chain.root.certificate] } })
      return {
        seeds,
        read: async (bytes) => {
          const opened = await openEnvelope(bytes, type)
          // The token is somebody else's word, and proves itself or nothing.
          if (!isDeepStrictEqual(signed(opened), known)) believed('something that nobody signed')
          await outcomeOf(bytes, context, { type })
        },
      }
    },
  }
}

/** Headers and payloads of somebody who has a key: no word of theirs may make a reader stumble. */
const jwsHeader: FuzzTarget = {
  name: 'the signed header of a JWS',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'json',
  words: HEADER_WORDS,
  prepare: async () => {
    const signer = signerOf(await mintChain())
    const { toBeSigned, envelope: around } = prepareJws(formatPayload(TARGET), signer, { signingTime: NOW, agent: 'x' })
    const [head = '', body = ''] = Buffer.from(toBeSigned).toString().split('.')
    return {
      seeds: [Buffer.from(head, 'base64url')],
      read: async (bytes) => {
        const changed = Buffer.from(bytes).toString('base64url')
        const signature = await signer.sign(Buffer.from(`${changed}.${body}`), {})
        const whole = JSON.parse(Buffer.from(around(signature)).toString()) as object
        await openEnvelope(Buffer.from(JSON.stringify({ ...whole, protected: changed })), ENVELOPE_JWS)
      },
    }
  },
}

const coseHeaders: FuzzTarget = {
  name: 'the signed header of a COSE envelope',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'bytes',
  words: HEADER_WORDS,
  prepare: async () => {
    const chain = await mintChain()
    return {
      seeds: [encodeCbor(coseHeader('ES256', { signingTime: NOW, expiry: new Date(NOW.getTime() + 60_000) }))],
      read: async (headerBytes) => {
        await openEnvelope(forgeCose({ headerBytes, payload: formatPayload(TARGET) }, chain), ENVELOPE_COSE)
      },
    }
  },
}

const payload: FuzzTarget = {
  name: 'what is signed',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'json',
  words: ['targetArtifact', 'digest', 'size', 'mediaType', 'annotations', 'critical', `sha256:${'0'.repeat(64)}`],
  prepare: async () => ({
    seeds: [formatPayload(TARGET), formatPayload(TARGET, { build: '7' })],
    read: (bytes) => {
      parsePayload(bytes)
    },
  }),
}

const cbor: FuzzTarget = {
  name: 'CBOR',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'bytes',
  prepare: async () => ({
    seeds: [
      encodeCbor(new Map<string | number, never>([])),
      encodeCbor(new Map([['a', [1, -1, 'text', new Uint8Array(9), new Map([[33, null]])]]])),
      await signedBy(await mintChain(), { type: ENVELOPE_COSE }),
    ],
    read: (bytes) => {
      const value = refusedOr(() => decodeCbor(bytes))
      if (value === undefined) return
      const again = encodeCbor(value.read)
      if (!isDeepStrictEqual(decodeCbor(again), value.read)) believed('a value that cannot be written')
    },
  }),
}

/** It throws errors of any kind, and whoever calls it says what they mean. What it must not run out of is stack or memory. */
function refusedOr<T>(what: () => T): { readonly read: T } | undefined {
  try {
    return { read: what() }
  } catch (cause) {
    if (cause instanceof RangeError && /stack|heap|allocation|Invalid (typed )?array/i.test(cause.message)) throw cause
    return undefined
  }
}

const NV2_WORDS = [
  'typ',
  'x509',
  'JWT',
  'alg',
  'none',
  'HS256',
  'kid',
  'x5c',
  'exp',
  'nbf',
  'iat',
  'digest',
  'references',
]

const nv2: FuzzTarget = {
  name: 'signatures of the prototype',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'bytes',
  words: ['.', 'eyJ', '==', 'AA'],
  prepare: async () => {
    const { leaf, root, key } = await registrar('registry.example')
    const given = { references: ['registry.example/app:v1'], at: NOW }
    const token = Buffer.from(await signNv2(TARGET, nv2Key(key, [leaf.certificate]), given))
    const { claims } = openNv2(token)
    return {
      seeds: [token],
      read: async (bytes) => {
        const judged = await verifyNv2(bytes, { anchors: [root.certificate], now: NOW, target: TARGET })
        const same = isDeepStrictEqual(judged.opened?.claims, claims)
        if (judged.verdict === 'verified' && !same) believed('claims that nobody signed')
        openNv2(bytes)
      },
    }
  },
}

const nv2Parts: FuzzTarget = {
  name: 'headers and claims of the prototype',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'json',
  words: NV2_WORDS,
  prepare: async () => {
    const { leaf, root, key } = await registrar('registry.example')
    const given = { references: ['registry.example/app:v1'], at: NOW, expiry: new Date(NOW.getTime() + 60_000) }
    const [head = '', body = ''] = (await signNv2(TARGET, nv2Key(key, [leaf.certificate]), given)).split('.')
    const part = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())
    return {
      seeds: [Buffer.from(JSON.stringify([part(head), part(body)]))],
      read: async (bytes) => {
        const [header = '', claims = ''] = partsOf(bytes)
        const token = rawToken(header, claims)
        const judged = await verifyNv2(token, { anchors: [root.certificate], now: NOW, target: TARGET })
        if (judged.verdict === 'verified') believed('a signature of one byte')
        openNv2(token)
      },
    }
  },
}

/** A text in the place of the two parts is both of them. */
function partsOf(bytes: Uint8Array): readonly unknown[] {
  const text = Buffer.from(bytes).toString('latin1')
  try {
    const json: unknown = JSON.parse(text)
    return Array.isArray(json) ? json : [json, json]
  } catch {
    return [text, text]
  }
}

export const SIGNATURES: readonly FuzzTarget[] = [
  envelope('envelopes in JWS', ENVELOPE_JWS, 'json'),
  envelope('envelopes in COSE', ENVELOPE_COSE, 'bytes'),
  ...[jwsHeader, coseHeaders, payload, cbor, nv2, nv2Parts],
]
