/**
 * What `policy init` writes: a policy that refuses everything. Lines with `##` explain, those with `# ` are YAML that can be
 * made to count; all of them together are a sound policy, too.
 */
export const POLICY_START = `## The import policy of waybill: what may be let in here. What nothing in it allows is refused,
## and as it stands it refuses everything. Lines that begin with ## explain. Take the first "# "
## off the other ones that you need, and write your own names in them.
## Try it on a bundle, without loading anything:  waybill policy check FILE --policy THIS-FILE
version: 1

## Whom the rules below can ask for. The roots come from trust stores: waybill trust add CERT --store NAME
## An identity is a subject ("*" alone: everybody below these roots), and needs its quotes.
# signers:
#   vendor: {stores: [ca:vendor], identities: ["x509.subject: C=US, ST=WA, O=Example Vendor"]}
#   certifier: {stores: [ca:certifier], identities: ["*"], level: strict, kinds: [jws, cose]}
#   exporter: {stores: [ca:exporters], identities: ["*"]}

## How long after a bundle was sealed its revocation lists and responses still count, if they ran out since then.
# revocation: {maxStaleness: 7d}

## Bundles that are too old, or that do not say when they end.
# bundles: {maxAge: 30d, requireExpiry: true}

## Who may sign bundles, by the stream that they belong to. The first line that has the stream counts.
# streams:
#   - {stream: acme/nightly, signedBy: [exporter], requireChain: true}
#   - {stream: acme/*, signedBy: [exporter]}

## Who may sign bundles that belong to no stream: nothing keeps an older one of these from being played again.
# unstreamed: {signedBy: [exporter]}

## Who must have signed what is in them. The first rule that has the source counts, HOST/NAME or HOST/PATH/*.
# artifacts:
#   - from: [registry.vendor.example/net-monitor]
#     signatures: [{allOf: [vendor, certifier]}]
#     documents: [{types: [application/spdx+json], signatures: [{anyOf: [vendor]}]}]
#     immutableTags: ["v*"]
#   - from: [registry.vendor.example/*]
#     signatures: [{atLeast: 1, of: [vendor, certifier]}]

## What it is called here. Without a rule it keeps its path; a name outside of these is refused.
# names:
#   registries: ["registry.acme.internal:5000"]
#   allowed: [vendor/*]
#   rename: [{from: registry.vendor.example/*, to: vendor/*}]

## true: load what is admitted, also where something else in the bundle is refused.
# partial: false

## Somebody who has the last word and can only refuse: a Rego policy, as a file or at a server.
# opa: {wasm: last-word.wasm, entrypoint: waybill/allow}
`
