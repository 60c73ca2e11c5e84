import { execFileSync } from 'node:child_process'
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { openAudit } from '../../src/cli/ui/audit.js'
import type { TransferEvent } from '../../src/events.js'
import type { Digest } from '../../src/oci/digest.js'
import { compactOf, formatCompact, toBeSigned } from '../../src/receipt/compact.js'
import { formatReceipt } from '../../src/receipt/receipt.js'
import type { Audit } from '../../src/tui/means.js'
import { allNodes, auditContext, workGiven } from '../support/audits.js'
import { aBundle } from '../support/bundles.js'
import { mintChain, signerOf } from '../support/keys.js'
import { fixedSigner } from '../support/keys-fixed.js'
import { aReceipt, aReceiptFile } from '../support/receipts.js'
import { CALL, tmpFolder } from '../support/tmp.js'

async function audited(
  path: string,
  given: Partial<CommandContext> = {},
  events: TransferEvent[] = [],
): Promise<Audit> {
  const audit = await openAudit(await auditContext(given))(path, workGiven(events))
  onTestFinished(() => audit.close())
  return audit
}

async function fileOf(bytes: Uint8Array | string, name = 'file'): Promise<string> {
  const path = join(await tmpFolder(), name)
  await writeFile(path, bytes)
  return path
}

const passes = (audit: Audit) => allNodes(audit).filter(({ verdict }) => verdict === 'pass')
const documentNamed = (audit: Audit, name: string): Digest => {
  const found = audit.documents.find((one) => one.name.startsWith(name))
  if (found === undefined) throw new Error(`no ${name} among ${audit.documents.map((one) => one.name).join(', ')}`)
  return found.digest
}

describe('the audit of a bundle', () => {
  test('has what verify has, and its documents can be read', async () => {
    const events: TransferEvent[] = []
    const audit = await audited(await aBundle(), {}, events)

    expect(audit).toMatchObject({ kind: 'bundle', verdict: 'VERIFIED', end: { exit: 0, good: true } })
    expect(audit.end.headline).toMatch(/^VERIFIED /)
    expect(events.some(({ type }) => type === 'checked')).toBe(true)
    const sbom = allNodes(audit).find(({ label }) => label.startsWith('application/spdx+json'))
    if (sbom?.document === undefined) throw new Error('no SBOM')
    expect(await audit.read(sbom.document.digest, CALL)).toEqual([
      '│ {',
      '│   "spdxVersion": "SPDX-2.3",',
      '│   "name": "release"',
      '│ }',
    ])
    expect(await audit.read(documentNamed(audit, 'waybill: what'), CALL)).toContain('│   "kind": "full",')
  })

  test('has everything that it lists, whatever it is', async () => {
    const audit = await audited(await aBundle())

    expect(audit.documents.length).toBeGreaterThan(8)
    for (const { digest } of audit.documents) expect((await audit.read(digest, CALL)).length).toBeGreaterThan(0)
  })

  test('says of every certificate when it is valid, and whether it was and is', async () => {
    const audit = await audited(await aBundle())

    const certificates = allNodes(audit).filter(({ kind }) => kind === 'certificate')
    expect(certificates.length).toBeGreaterThanOrEqual(2)
    for (const { details } of certificates) {
      const facts = Object.fromEntries(details)
      expect(facts).toMatchObject({ 'valid from': expect.any(String), 'valid until': expect.any(String), now: 'valid' })
      expect(facts['when signed']).toMatch(/^valid at .*the signer's own clock$/)
    }
  })

  test('says before a signed payload whether its signature is accepted', async () => {
    const audit = await audited(await aBundle())

    const [first, , ...payload] = await audit.read(documentNamed(audit, 'signature 1'), CALL)

    expect(first).toMatch(/^The payload of this JWS envelope, .* VERIFIED: the signature is accepted\.$/)
    expect(payload[1]).toBe('│   "targetArtifact": {')
  })

  test('shows a stranger’s as claims only, the failures first, and nothing of its artifacts as passed', async () => {
    const audit = await audited(await aBundle(undefined, { signer: signerOf(await mintChain()) }))

    expect(audit).toMatchObject({ verdict: 'NOT VERIFIED', end: { exit: 5, good: false } })
    const { bundle, artifacts } = audit.review
    expect(bundle.label).toMatch(/^CLAIMS ONLY: /)
    expect(bundle.children[0]?.verdict).toBe('fail')
    expect(artifacts.every(({ label }) => label.startsWith('CLAIMS ONLY: '))).toBe(true)
    expect(passes(audit).filter(({ id }) => id.startsWith('a'))).toEqual([])
    const [warning] = await audit.read(documentNamed(audit, 'waybill: what'), CALL)
    expect(warning).toMatch(/^CLAIMS ONLY/)
    const [, , standing] = await audit.read(documentNamed(audit, 'signature 1'), CALL)
    expect(standing).toMatch(/NOT VERIFIED: the signature is refused/)
  })

  test('says of one whose content has changed that it is not verified, and by what', async () => {
    const path = await aBundle()
    const bytes = await readFile(path)
    bytes[bytes.indexOf('SPDX-2.3')] = 0x58
    await writeFile(path, bytes)

    const audit = await audited(path)

    expect(audit).toMatchObject({ verdict: 'NOT VERIFIED', end: { exit: 6, good: false } })
    expect(audit.review.bundle.children[0]).toMatchObject({ kind: 'check', verdict: 'fail' })
    expect(passes(audit).filter(({ kind }) => kind === 'artifact')).toEqual([])
    expect((await audit.read(documentNamed(audit, 'waybill: what'), CALL))[0]).toMatch(/is NOT VERIFIED \(damaged\)/)
  })

  test('is open also where nobody is trusted, and where nothing is signed', async () => {
    const nobody = await tmpFolder()
    const unsigned = await aBundle(undefined, { signer: undefined })

    for (const audit of [await audited(await aBundle(), { configDir: nobody }), await audited(unsigned)]) {
      expect(audit).toMatchObject({ verdict: 'NOT VERIFIED', end: { good: false } })
      expect(audit.review.bundle.label).toMatch(/^CLAIMS ONLY/)
    }
  })

  test('tells a medium that has changed since it was opened', async () => {
    const path = await aBundle()
    const audit = await audited(path)
    const sbom = allNodes(audit).find(({ label }) => label.startsWith('application/spdx+json'))?.document
    if (sbom === undefined) throw new Error('no SBOM')

    const bytes = await readFile(path)
    bytes[bytes.indexOf('SPDX-2.3')] = 0x58
    await writeFile(path, bytes)

    await expect(audit.read(sbom.digest, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  test('shows the policy that was asked, and no other in its place', async () => {
    const context = await auditContext()
    const path = join(context.configDir, 'import-policy.yaml')
    await writeFile(path, await readFile(join(context.configDir, 'open.yaml')))
    const audit = await audited(await aBundle(), { configDir: context.configDir })

    const digest = documentNamed(audit, 'import policy')
    expect(await audit.read(digest, CALL)).toContain('│ version: 1')
    await writeFile(path, 'version: 1 # changed')
    await expect(audit.read(digest, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  test('reads nothing that is not in it', async () => {
    const audit = await audited(await aBundle())

    const digest = `sha256:${'0'.repeat(64)}` as never
    await expect(audit.read(digest, CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})

describe('the audit of a receipt', () => {
  test('has an importer’s word where the importer is trusted', async () => {
    const audit = await audited(await fileOf(await aReceiptFile(aReceipt(), fixedSigner())))

    expect(audit).toMatchObject({ kind: 'receipt', verdict: 'VERIFIED', end: { exit: 0 } })
    expect(audit.review.artifacts.map(({ label, verdict }) => [label, verdict])).toEqual([
      ['admitted registry.example/app:1.0', 'pass'],
    ])
    expect(await audit.read(documentNamed(audit, 'receipt:'), CALL)).toContain('│   "result": "loaded",')
  })

  test('is a claim where the importer is not, or nobody has said who is', async () => {
    const stranger = await fileOf(await aReceiptFile(aReceipt(), signerOf(await mintChain())))
    const nobody = { configDir: await tmpFolder() }

    for (const audit of [await audited(stranger), await audited(stranger, nobody)]) {
      expect(audit).toMatchObject({ verdict: 'NOT VERIFIED', end: { exit: 5, good: false } })
      const { bundle, artifacts } = audit.review
      expect([bundle, ...artifacts].every(({ label }) => label.startsWith('CLAIMS ONLY: '))).toBe(true)
      expect(passes(audit).filter(({ id }) => !/^receipt\/s0/.test(id))).toEqual([])
      expect((await audit.read(documentNamed(audit, 'receipt:'), CALL))[0]).toMatch(/^CLAIMS ONLY/)
    }
  })

  test('has the compact form too', async () => {
    const receipt = aReceipt()
    const compact = compactOf(receipt, formatReceipt(receipt), 'a'.repeat(64))
    const signature = new Uint8Array(toBeSigned(compact).byteLength)

    const audit = await audited(await fileOf(`${formatCompact(compact, signature)}\n`))

    expect(audit).toMatchObject({ kind: 'receipt', verdict: 'NOT VERIFIED' })
    expect(audit.review.bundle.label).toBe('CLAIMS ONLY: compact receipt: loaded, 1 admitted, 0 refused')
  })
})

describe('what is neither', () => {
  test.each([
    ['nothing', '', 'ERR_BUNDLE_TRUNCATED'],
    ['garbage', 'garbage'.repeat(1000), 'ERR_BUNDLE_FORMAT'],
    ['other JSON', '{"a":1}', 'ERR_RECEIPT_INVALID'],
    ['half a compact receipt', 'WBR1:AAAA', 'ERR_RECEIPT_INVALID'],
  ])('%s is told', async (_, bytes, code) => {
    await expect(audited(await fileOf(bytes))).rejects.toMatchObject({ code })
  })

  test('a folder, a pipe and what is not there are told, and nobody waits', async () => {
    const folder = await tmpFolder()
    await mkdir(join(folder, 'folder'))
    execFileSync('mkfifo', [join(folder, 'pipe')])

    await expect(audited(join(folder, 'folder'))).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
    await expect(audited(join(folder, 'pipe'))).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
    await expect(audited(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  test('a huge file is told at once, whatever it begins with', async () => {
    for (const start of ['', '{', 'WBR1:']) {
      const path = await fileOf(start)
      await truncate(path, 2 ** 40)

      await expect(audited(path)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) })
    }
  })
})
