import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exportBundle } from '../../../src/cli/commands/export.js'
import { exportOnScreen } from '../../../src/cli/commands/export-on-screen.js'
import { openAudit } from '../../../src/cli/ui/audit.js'
import { checkExport, exportCommand } from '../../../src/cli/ui/export-words.js'
import { exportingMeans } from '../../../src/cli/ui/exporting.js'
import { firstSteps } from '../../../src/cli/ui/first-steps.js'
import type { TransferEvent } from '../../../src/events.js'
import type { ExportChoice } from '../../../src/tui/means.js'
import { startTestRegistry } from '../../serve/registry-under-test.js'
import { auditContext, workGiven } from '../../support/audits.js'
import { aCosignSignature, anArtifact, anImage, anIndex, NOTARY_SIGNATURE, together } from '../../support/build.js'
import { aClient } from '../../support/registry-client.js'
import { scriptedRegistry } from '../../support/scripted-registry.js'
import { CALL, tmpFolder } from '../../support/tmp.js'

const PLATFORMS = ['linux/amd64', 'linux/arm64']

/** A release for two platforms with a Notary signature, one of cosign and an SBOM, and a machine that may export it. */
async function aRelease() {
  const { running } = await startTestRegistry()
  const host = `127.0.0.1:${running.port}`
  const index = anIndex(PLATFORMS.map((platform) => anImage({ platform, size: 5000 })))
  const notary = { artifactType: NOTARY_SIGNATURE, mediaType: 'application/jose+json', bytes: '{}' }
  const hung = [anArtifact({ subject: index, ...notary }), aCosignSignature(index), anArtifact({ subject: index })]
  const repository = aClient().repository(host, 'team/net-monitor')
  await together(index.tagged('v1'), ...hung).into(repository)
  const folder = await tmpFolder()
  const context = await auditContext({ configDir: join(folder, 'config') })
  const choice: ExportChoice = {
    sources: [`${host}/team/net-monitor:v1`],
    platforms: [],
    output: join(folder, 'net-monitor.tar'),
    allowUnknownReferrers: false,
    sign: false,
  }
  return { host, folder, context, choice, means: exportingMeans(context) }
}

async function withKeys({ context }: Pick<Awaited<ReturnType<typeof aRelease>>, 'context'>) {
  const steps = firstSteps(context)
  onTestFinished(() => steps.close())
  const keys = join(context.configDir, 'keys')
  await steps.makeKeys(keys, 'Acme Rockets')
  const certificate = join(keys, 'ca.crt')
  const { fingerprint } = await steps.readCertificate(certificate)
  await steps.trustExporter(certificate, fingerprint)
}

describe('an export on the screen', () => {
  test('looks around in a registry', async () => {
    const { host, means } = await aRelease()

    expect(await means.repositories(host, CALL)).toEqual(['team/net-monitor'])
    expect(await means.tags(`${host}/team/net-monitor`, CALL)).toContain('v1')
    await expect(means.tags(`${host}/team/other`, CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(means.repositories('no registry', CALL)).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
  })

  test('says what it comes to before anything is written or signed', async () => {
    const { folder, choice, means } = await aRelease()

    const all = await means.estimate({ ...choice, sign: true, stream: 'acme/nightly' }, workGiven())
    const one = await means.estimate({ ...choice, platforms: ['linux/arm64'] }, workGiven())

    expect(all).toMatchObject({ artifacts: 1, signatures: 2, documents: 1, platforms: PLATFORMS, unknown: [] })
    expect(one).toMatchObject({ artifacts: 1, signatures: 2, documents: 1, platforms: PLATFORMS })
    expect([one.blobs < all.blobs, one.bytes < all.bytes]).toEqual([true, true])
    expect(await readdir(folder)).toEqual([])
  })

  test('says in the estimate what could not be asked, and ends the export for it', async () => {
    const { choice, means } = await aRelease()
    const registry = await scriptedRegistry()
    const image = anImage()
    const [blob] = image.contents
    const root = image.contents.find(({ descriptor }) => descriptor.digest === image.root.digest) ?? blob
    const headers = { 'content-type': image.root.mediaType, 'docker-content-digest': image.root.digest }
    registry.on(/./, { status: 403, body: 'broken \u001b[2J' })
    registry.on(/manifests\/(?:v1|sha256:)/, {
      status: 200,
      headers,
      ...(root === undefined ? {} : { body: root.bytes }),
    })
    const source = { ...choice, sources: [`${registry.host}/team/app:v1`] }

    const { unknown } = await means.estimate(source, workGiven())

    expect(unknown.join()).toContain(`${registry.host}/team/app about ${image.root.digest}`)
    expect(unknown.join()).not.toContain('\u001b')
    const end = await means.exportBundle(source, workGiven())
    expect(end).toMatchObject({ exit: 7, good: false, headline: expect.stringMatching(/^ERR_REFERRERS_UNKNOWN: /) })
    expect(end.command).toMatch(/^waybill export .*:v1 /)
  })

  test('writes the signed bundle of the command, and says what the command prints', async () => {
    const release = await aRelease()
    const { folder, context, choice, means } = release
    await withKeys(release)
    const events: TransferEvent[] = []
    let asked = 0
    const ready = async () => {
      asked += 1
    }
    const given = { ...workGiven(events), ready }

    const end = await means.exportBundle({ ...choice, sign: true, platforms: ['linux/amd64'] }, given)
    const audit = await openAudit(context)(choice.output, workGiven())
    onTestFinished(() => audit.close())

    expect(audit.verdict).toBe('VERIFIED')
    expect(end).toMatchObject({ exit: 0, good: true })
    expect(end.headline).toContain(`wrote ${choice.output}`)
    expect(end.next.join()).toContain(`waybill import ${choice.output} --to HOST`)
    expect(end.command).toBe(
      `waybill export ${choice.sources[0]} --output ${choice.output} --platform linux/amd64 ` +
        `--key ${folder}/config/keys/signing.key --cert ${folder}/config/keys/signing.crt`,
    )
    expect(asked).toBeGreaterThan(0)
    expect(events.map(({ type }) => type)).toContain('stage-ended')
    const printed: string[] = []
    const print = (_: unknown, lines: readonly string[] | Uint8Array) =>
      void printed.push(...lines.toString().split(','))
    await exportBundle(choice.sources, { unsigned: true, output: join(folder, 'b.tar') }, { ...context, print })
    const unsigned = await means.exportBundle({ ...choice, output: join(folder, 'c.tar') }, workGiven())
    expect(unsigned.lines.join().replace('c.tar', 'b.tar')).toBe(printed.join())
    expect(unsigned.command).toContain('--unsigned')
  })

  test('signs nothing without a key, and writes nothing then', async () => {
    const { folder, choice, means } = await aRelease()

    const end = await means.exportBundle({ ...choice, sign: true }, workGiven())

    expect(end).toMatchObject({ exit: 2, good: false, headline: expect.stringMatching(/^ERR_USAGE: /) })

    expect(await readdir(folder)).toEqual([])
  })
})

describe('a field of an export', () => {
  test('is told what is wrong with it before anything is done', async () => {
    const folder = await tmpFolder()
    await writeFile(join(folder, 'there'), '')
    await mkdir(join(folder, 'folder'))

    expect(await checkExport('source', 'h.example/team/app:v1')).toBeUndefined()
    expect(await checkExport('source', 'oci:folder:v1')).toBeUndefined()
    expect(await checkExport('source', 'h.example/team/app')).toContain('neither a tag nor a digest')
    expect(await checkExport('source', '\u001b[2Jx')).not.toContain('\u001b')
    expect(await checkExport('registry', 'h.example:5000')).toBeUndefined()
    expect(await checkExport('registry', 'https://h.example')).toContain('write HOST[:PORT]')
    expect(await checkExport('platform', 'linux/arm/v7')).toBeUndefined()
    expect(await checkExport('platform', 'linux')).toContain('not a platform')
    expect(await checkExport('output', join(folder, 'new.tar'))).toBeUndefined()
    expect(await checkExport('output', join(folder, 'there'))).toContain('exists')
    expect(await checkExport('output', join(folder, 'none/new.tar'))).toContain('there is no folder')
    expect(await checkExport('output', '')).toContain('names no file')
    expect(await checkExport('output', `${folder}/`)).toContain('names no file')
  })
})

describe('the equivalent command of an export', () => {
  const choice: ExportChoice = {
    sources: ['h/app:v1', 'oci:a b'],
    platforms: ['linux/amd64'],
    output: 'it’s $(x).tar',
    allowUnknownReferrers: true,
    stream: 'acme/nightly',
    sign: true,
  }
  const keys = { key: 'k/signing.key', chain: 'k/signing.crt', ca: 'k/ca.crt' }

  test('has all that was chosen and all that the command line said, each word quoted for a shell', () => {
    const command = exportCommand({ plainHttp: true }, { key: 'my.key', cert: 'my.crt', sign: true, base: ['r 1'] })

    expect(command(choice, { keys })).toBe(
      "waybill export h/app:v1 'oci:a b' --output 'it’s $(x).tar' --platform linux/amd64 --stream acme/nightly " +
        "--allow-unknown-referrers --key my.key --cert my.crt --sign --base 'r 1' --plain-http",
    )
  })

  test('has nothing about signatures where nobody signs', () => {
    const command = exportCommand({ plainHttp: false }, { key: 'my.key', cert: 'my.crt', sign: true, expiry: '30d' })
    const plain = { ...choice, platforms: [], allowUnknownReferrers: false, sign: false }

    expect(command(plain, { keys })).toBe(
      "waybill export h/app:v1 'oci:a b' --output 'it’s $(x).tar' --stream acme/nightly --unsigned",
    )
  })
})

describe('export --ui', () => {
  test('is a usage error where no terminal is', async () => {
    const context = await auditContext()

    await expect(exportOnScreen([], { ui: true }, context)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('--ui needs a terminal'),
    })
  })

  test('is what the command names where no source is given', async () => {
    await expect(exportBundle([], { output: 'a.tar' }, await auditContext())).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('--ui asks for it'),
    })
  })
})
