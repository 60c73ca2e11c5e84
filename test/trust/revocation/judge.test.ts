import { describe, expect, test } from 'vitest'
import { judgeRevocation, revocationJudge } from '../../../src/trust/revocation/judge.js'
import type { Evidence, RevocationOptions } from '../../../src/trust/revocation/revocation.js'
import { formatTimestamp } from '../../../src/trust/timestamps.js'
import { caExtensions, leafExtensions, mint, mintChain, NOW } from '../../support/keys.js'
import { crlOf, crlSource, der, FROM, mintRevocable, point, raw, TO } from '../../support/revocation.js'

const judge = (
  chain: Parameters<typeof judgeRevocation>[0],
  evidence: readonly Evidence[],
  options: Partial<RevocationOptions> = {},
) => judgeRevocation(chain, { now: NOW, ...options, evidence })

describe('the revocation of a chain', () => {
  test('is not revocable where no certificate names a source', async () => {
    const { certificates } = await mintChain()

    const judgement = await judge(certificates, [])

    expect(judgement).toMatchObject({ result: 'not-revocable', allowedStale: false })
    expect(judgement.certificates.map(({ result }) => result)).toEqual(['not-revocable', 'not-revocable'])
  })

  test('does not ask about the root, whatever it names', async () => {
    const alone = await mint({ name: 'Alone', extensions: [...leafExtensions(), crlSource()] })

    expect(await judge([alone.certificate], [])).toEqual({
      result: 'not-revocable',
      certificates: [],
      allowedStale: false,
    })
    expect(await judge([], [])).toMatchObject({ result: 'not-revocable', certificates: [] })
  })

  test('is unknown where the chain does not reach a root', async () => {
    const { leaf, root } = await mintRevocable(crlSource())

    const judgement = await judge([leaf.certificate], [crlOf(root)])

    expect(judgement).toMatchObject({ result: 'unknown', certificates: [{ result: 'unknown' }] })
  })

  test('is as bad as its worst certificate', async () => {
    const root = await mint({ name: 'Root', extensions: caExtensions() })
    const middle = await mint({ name: 'Middle', extensions: [...caExtensions(), crlSource()] }, root)
    const leaf = await mint({ name: 'Leaf', extensions: [...leafExtensions(), crlSource()] }, middle)
    const chain = [leaf, middle, root].map(({ certificate }) => certificate)
    const [ofMiddle, ofRoot] = [crlOf(middle), crlOf(root)]
    const gone = crlOf(root, { entries: [{ serial: middle.certificate.serialNumber }] })
    const old = crlOf(middle, { nextUpdate: FROM })

    expect((await judge(chain, [ofMiddle, ofRoot])).result).toBe('good')
    expect((await judge(chain, [ofMiddle])).result).toBe('unknown')
    expect((await judge(chain, [ofRoot])).result).toBe('unknown')
    expect((await judge(chain, [gone])).result).toBe('revoked')
    expect((await judge(chain, [ofMiddle, gone])).certificates.map(({ result }) => result)).toEqual(['good', 'revoked'])
    expect((await judge(chain, [old, ofRoot], { sealedAt: FROM })).result).toBe('stale')
    expect((await judge(chain, [old], { sealedAt: FROM })).result).toBe('unknown')
    expect((await judge(chain, [old, gone], { sealedAt: FROM })).result).toBe('revoked')
  })

  test('is good where the other certificates name no source', async () => {
    const { certificates, root } = await mintRevocable(crlSource())

    expect((await judge(certificates, [crlOf(root)])).result).toBe('good')
  })

  test.each([
    ['malformed', raw('2.5.29.31', der(0x04))],
    ['without an address', raw('2.5.29.31', der(0x30, point([])))],
  ])('is unknown where a source is %s, and can be proven all the same', async (_, source) => {
    const { certificates, root } = await mintRevocable(source)

    expect((await judge(certificates, [])).result).toBe('unknown')
    expect((await judge(certificates, [crlOf(root)])).result).toBe('good')
  })
})

describe('evidence that has run out', () => {
  const DAY = 86_400_000
  const sealedAt = new Date('2026-11-22T00:00:00Z')
  const later = (days: number) => new Date(TO.getTime() + days * DAY)

  test('is stale where it was in force when the bundle was sealed', async () => {
    const { certificates, root } = await mintRevocable(crlSource())

    const judgement = await judge(certificates, [crlOf(root)], { now: later(1), sealedAt })

    expect(judgement).toMatchObject({ result: 'stale', allowedStale: false })
    expect(judgement.certificates[0]?.detail).toContain('sealed at 2026-11-22T00:00:00Z')
  })

  test('counts as good as long as the policy says, and says so', async () => {
    const { certificates, root } = await mintRevocable(crlSource())
    const evidence = [crlOf(root)]
    const now = later(10)
    const age = now.getTime() - sealedAt.getTime()

    const allowed = await judge(certificates, evidence, { now, sealedAt, maxStalenessMs: age })

    expect(allowed).toMatchObject({ result: 'good', allowedStale: true })
    expect(allowed.certificates[0]).toMatchObject({ result: 'good' })
    expect(allowed.certificates[0]?.detail).toContain('maximum staleness')
    const refused = await judge(certificates, evidence, { now, sealedAt, maxStalenessMs: age - 1000 })
    expect(refused).toMatchObject({ result: 'stale', allowedStale: false })
    expect(refused.certificates[0]?.detail).toContain(
      `let it count to ${formatTimestamp(new Date(now.getTime() - 1000))}`,
    )
  })

  test('that is still in force is not stale, however old the seal is', async () => {
    const { certificates, root } = await mintRevocable(crlSource())

    expect(await judge(certificates, [crlOf(root)], { sealedAt: FROM, maxStalenessMs: 0 })).toMatchObject({
      result: 'good',
      allowedStale: false,
    })
  })

  test.each([
    ['nobody has sealed it', undefined],
    ['it was sealed before it was in force', new Date(FROM.getTime() - 1)],
    ['it was sealed when it had run out', new Date(TO.getTime() + 1)],
    ['it was sealed in the future', later(5)],
    ['the time of the seal is no time', new Date(Number.NaN)],
  ])('is unknown where %s', async (_, at) => {
    const { certificates, root } = await mintRevocable(crlSource())
    const options = { now: later(4), maxStalenessMs: 1000 * DAY, ...(at === undefined ? {} : { sealedAt: at }) }

    expect((await judge(certificates, [crlOf(root)], options)).result).toBe('unknown')
  })

  test('does not count against what was said later', async () => {
    const { certificates, leaf, root } = await mintRevocable(crlSource())
    const serial = leaf.certificate.serialNumber
    const options = { now: later(10), sealedAt, maxStalenessMs: 1000 * DAY }
    const newer = (reason: number) =>
      crlOf(root, { number: 2, thisUpdate: later(1), nextUpdate: later(2), entries: [{ serial, reason }] })

    expect((await judge(certificates, [crlOf(root), newer(1)], options)).result).toBe('revoked')
    expect((await judge(certificates, [crlOf(root), newer(6)], options)).result).toBe('revoked')
  })

  test('with the certificate on hold is not good, and not stale', async () => {
    const { certificates, leaf, root } = await mintRevocable(crlSource())
    const held = crlOf(root, { entries: [{ serial: leaf.certificate.serialNumber, reason: 6 }] })
    const options = { now: later(1), sealedAt, maxStalenessMs: 1000 * DAY }

    expect((await judge(certificates, [held], options)).result).toBe('revoked')
  })
})

describe('a judge of many chains', () => {
  test('answers the same question with the same judgement, and another one afresh', async () => {
    const { certificates, root } = await mintRevocable(crlSource())
    const ask = revocationJudge([crlOf(root)])

    const [first, again] = [await ask(certificates, { now: NOW }), await ask([...certificates], { now: new Date(NOW) })]

    expect(again).toBe(first)
    expect((await ask(certificates, { now: new Date('2027-01-01T00:00:00Z') })).result).toBe('unknown')
    expect((await ask(certificates, { now: new Date('2027-01-01T00:00:00Z'), sealedAt: NOW })).result).toBe('stale')
  })

  test('keeps the certificates of one issuer apart', async () => {
    const root = await mint({ name: 'Root', extensions: caExtensions() })
    const minted = await Promise.all(
      ['a', 'b'].map((name) => mint({ name, extensions: [...leafExtensions(), crlSource()] }, root)),
    )
    const [a, b] = minted.map(({ certificate }) => certificate)
    const ask = revocationJudge([crlOf(root, { entries: [{ serial: a?.serialNumber ?? '' }] })])

    const results = await Promise.all(
      [a, b].map(async (leaf) => (await ask(leaf === undefined ? [] : [leaf, root.certificate], { now: NOW })).result),
    )

    expect(results).toEqual(['revoked', 'good'])
  })
})
