import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { askModule, MODULE_BOUNDS } from '../../src/opa/ask-module.js'
import { readPolicyFile } from '../../src/opa/policy-file.js'
import { CALL } from '../support/tmp.js'

const ROOT = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path))
const POLICY = readPolicyFile(read('test/opa/policies/example.wasm'), 'example.wasm')

const ROOTS = [
  { name: 'registry.example/app:1.0', tag: '1.0', digest: 'sha256:a' },
  { name: 'registry.example/app:1.1-rc1', tag: '1.1-rc1', digest: 'sha256:b' },
]
const SBOM = { digest: 'sha256:c', artifactType: 'application/spdx+json' }
const found = (subject: string) => ({ subject, found: [SBOM] })

async function verdict(ageSeconds: number, lookups: readonly unknown[]) {
  const input = { bundle: { ageSeconds }, roots: ROOTS, lookups }
  return await askModule(POLICY, input, { entrypoint: 'waybill/verdict', bounds: MODULE_BOUNDS, ...CALL })
}

test('the policy of the guide is the one that is tried here', () => {
  expect(String(read('docs/opa.md'))).toContain(`\`\`\`rego\n${read('test/opa/policies/example.rego')}\`\`\``)
})

test('it lets in what is young and has an SBOM, without release candidates', async () => {
  const { allow, reasons, refuse } = await verdict(60, [found('sha256:a'), found('sha256:b')])

  expect([allow, reasons, [...refuse]]).toEqual([true, [], [['registry.example/app:1.1-rc1', 'a release candidate']]])
})

test('it says what is missing', async () => {
  const { allow, reasons } = await verdict(700_000, [found('sha256:b'), { subject: 'sha256:a', found: [] }])

  expect(allow).toBe(false)
  expect(reasons.toSorted()).toEqual(['registry.example/app:1.0 has no SBOM', 'the bundle is more than a week old'])
})
