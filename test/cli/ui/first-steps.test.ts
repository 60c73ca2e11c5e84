import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { firstSteps } from '../../../src/cli/ui/first-steps.js'
import { machineOf } from '../../../src/cli/ui/machine.js'
import { auditContext, workGiven } from '../../support/audits.js'
import { tmpFolder } from '../../support/tmp.js'

const GIVEN = workGiven()

async function aMachine() {
  const folder = await tmpFolder()
  const context = await auditContext({ configDir: join(folder, 'config') })
  const steps = firstSteps(context)
  onTestFinished(() => steps.close())
  return { folder, context, steps }
}

describe('first steps', () => {
  test('make a sample with which an importer trusts its exporter by the fingerprint that was told', async () => {
    const { folder, context, steps } = await aMachine()

    const sample = await steps.makeSample(folder, GIVEN)
    const certificate = await steps.readCertificate(sample.certificate)
    await steps.trustExporter(
      sample.certificate,
      ` ${sample.fingerprint.toLowerCase().slice(0, 19).replace(' ', ':')} `,
    )

    expect(certificate.subject).toContain('Wabbit Networks sample')
    expect(sample.fingerprint.replaceAll(' ', '').toLowerCase()).toBe(certificate.fingerprint)
    expect(await machineOf(context)).toMatchObject({ trusted: 1 })
    expect(sample.lines.join('\n')).toContain(sample.fingerprint.slice(0, 39))
    expect((await readdir(folder)).sort()).toEqual(['config', 'exporter-ca.crt', 'wabbit-networks.tar'])
  })

  test('write over nothing where a sample is', async () => {
    const { folder, steps } = await aMachine()
    await writeFile(join(folder, 'exporter-ca.crt'), 'mine')

    await expect(steps.makeSample(folder, GIVEN)).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })

    expect(await readFile(join(folder, 'exporter-ca.crt'), 'utf8')).toBe('mine')
    expect(await readdir(folder)).toEqual(['exporter-ca.crt'])
  })

  test.each([
    ['of somebody else', 'ERR_FINGERPRINT_MISMATCH', () => '0123 4567 89AB CDEF'],
    ['that is too short', 'ERR_USAGE', (told: string) => told.slice(0, 14)],
    ['that is none', 'ERR_USAGE', (told: string) => `${told.slice(0, 18)}G`],
    ['that is nothing', 'ERR_USAGE', () => ''],
  ])('refuse a fingerprint %s, and write nothing', async (_what, code, made) => {
    const { folder, context, steps } = await aMachine()
    const sample = await steps.makeSample(folder, GIVEN)

    await expect(steps.trustExporter(sample.certificate, made(sample.fingerprint))).rejects.toMatchObject({ code })

    expect(await machineOf(context)).toMatchObject({ trusted: 0 })
  })

  test('refuse a file in which a second certificate hides behind the one that was compared', async () => {
    const { folder, context, steps } = await aMachine()
    const sample = await steps.makeSample(folder, GIVEN)
    const other = await steps.makeSample(join(folder, 'other'), GIVEN)
    const both = join(folder, 'both.crt')
    await writeFile(both, (await readFile(sample.certificate, 'utf8')) + (await readFile(other.certificate, 'utf8')))

    await expect(steps.readCertificate(both)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    await expect(steps.trustExporter(both, sample.fingerprint)).rejects.toMatchObject({
      code: 'ERR_FINGERPRINT_MISMATCH',
    })

    expect(await machineOf(context)).toMatchObject({ trusted: 0 })
  })

  test('do not say in the refusal what the fingerprint would be', async () => {
    const { folder, steps } = await aMachine()
    const sample = await steps.makeSample(folder, GIVEN)

    const refusal: unknown = await steps
      .trustExporter(sample.certificate, '0123456789abcdef')
      .catch((cause: unknown) => cause)

    expect(String(refusal).toUpperCase()).not.toContain(sample.fingerprint.slice(0, 4))
  })

  test('make keys where they are looked for later', async () => {
    const { context, steps } = await aMachine()
    const folder = join(context.configDir, 'keys')

    await steps.makeKeys(folder, 'Acme Rockets')

    expect((await machineOf(context)).keys).toMatchObject({ key: join(folder, 'signing.key') })
    await expect(steps.makeKeys(folder, 'Acme Rockets')).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
    expect(steps.makeKeysCommand(folder, 'Acme Rockets')).toBe(`waybill keys init ${folder} --name 'Acme Rockets'`)
  })

  test('start one registry, say when its port is taken, and end it', async () => {
    const { folder, steps } = await aMachine()
    const second = await aMachine()

    const { host } = await steps.startRegistry(join(folder, 'store'), 0)
    const answer = await fetch(`http://${host}/v2/`)
    const port = Number(host.split(':')[1])

    expect([answer.status, host.startsWith('127.0.0.1:'), steps.registry()]).toEqual([200, true, host])
    await expect(steps.startRegistry(join(folder, 'again'), 0)).rejects.toMatchObject({ code: 'ERR_LISTEN' })
    await expect(second.steps.startRegistry(join(second.folder, 'store'), port)).rejects.toMatchObject({
      code: 'ERR_LISTEN',
    })
    await steps.close()
    await expect(fetch(`http://${host}/v2/`)).rejects.toThrow()
  })
})
