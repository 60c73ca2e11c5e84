import { readImportPolicy } from '../../src/policy/read-policy.js'

/** A policy that asks for two signers of everything, with other members before or after it. */
export const SOUND_POLICY = `version: 1
signers:
  vendor: {stores: [ca:wabbit], identities: ["x509.subject: C=US, ST=WA, O=Wabbit Networks"], maxStaleness: 7d}
  certifier: {stores: [ca:certifier], identities: ["*"], kinds: [cose]}
  house: {statement: acme-house}
  exporter: {stores: [ca:exporters], identities: ["*"]}
revocation: {maxStaleness: 1d}
bundles: {maxAge: 30d, requireExpiry: true}
streams:
  - {stream: acme/nightly, signedBy: [exporter], requireChain: true}
  - {stream: acme/*, signedBy: [exporter]}
unstreamed: {signedBy: [exporter]}
artifacts:
  - name: the monitor
    from: [registry.wabbit.example/net-monitor]
    signatures: [{allOf: [vendor, certifier]}, {atLeast: 2, of: [vendor, certifier, house]}]
    documents:
      - {types: [application/spdx+json], atLeast: 1, on: root, signatures: [{anyOf: [vendor]}]}
    unsigned: refuse
    immutableTags: ["v*", "1.0"]
  - from: ["*"]
    signatures: trust-policy
names:
  registries: ["registry.acme.internal:5000"]
  allowed: [vendor/*]
  rename: [{from: registry.wabbit.example/*, to: vendor/wabbit/*}]
partial: false
opa: {wasm: last-word.wasm, entrypoint: waybill/allow}
`

/** Reads the text of a policy. @throws as the reader does */
export function policyOf(text: string | Uint8Array) {
  return readImportPolicy(typeof text === 'string' ? Buffer.from(text) : text, 'import-policy.yaml')
}
