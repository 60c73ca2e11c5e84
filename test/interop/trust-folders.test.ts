import { chmod, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTrustFolder } from '../../src/trust/store/trust-folder.js'
import { type NotationFolder, openNotationFolder, type SignedLayout } from '../support/peers/notation-folder.js'
import { makeChain } from '../support/peers/openssl.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'
import { aStatement, isTrustPolicyError } from '../support/trust-policies.js'

let space: Workspace
let notation: NotationFolder
let signed: SignedLayout
let store: string

const statements = [aStatement({ trustStores: ['ca:own'] })]

beforeAll(async () => {
  space = await openWorkspace()
  notation = await openNotationFolder(space)
  signed = await notation.sign('own', '/C=US/ST=WA/O=acme')
  store = notation.store('own')
  await makeChain(space, 'other')
})

afterAll(() => space.remove())

beforeEach(async () => {
  await rm(store, { recursive: true, force: true })
  await mkdir(store, { recursive: true })
  await cp(signed.certificate, join(store, 'root.crt'))
})

async function judge() {
  const verified = await notation.verifies(signed, { statements })
  const { oci, store: read } = await openTrustFolder(notation.dir)
  const found = await read({ type: 'ca', name: 'own' }).catch(() => [])
  return { notation: verified, waybill: found.length > 0, warnings: oci?.warnings.length }
}

describe('notation’s own folder', () => {
  it('works unchanged, whoever may read it', async () => {
    await chmod(join(store, 'root.crt'), 0o644)

    expect(await judge()).toEqual({ notation: true, waybill: true, warnings: 0 })
  })

  it('works with certificates that notation itself put there', async () => {
    await rm(store, { recursive: true })
    space.text('notation', ['cert', 'add', '--type', 'ca', '--store', 'own', signed.certificate])

    expect(await judge()).toEqual({ notation: true, waybill: true, warnings: 0 })
  })

  it.each<[string, () => Promise<void>]>([
    ['without certificates', () => rm(join(store, 'root.crt'))],
    ['that does not exist', () => rm(store, { recursive: true })],
    ['that is a symbolic link', () => rename(store, `${store}-2`).then(() => symlink(`${store}-2`, store))],
    ['with a file that is no certificate', () => writeFile(join(store, 'x.txt'), 'x')],
    ['with an empty file', () => writeFile(join(store, 'x.crt'), '')],
    ['with a symbolic link to a certificate', () => symlink(signed.certificate, join(store, 'link.crt'))],
    ['with a leaf', () => cp(space.path('other-leaf.crt'), join(store, 'leaf.crt'))],
    ['with a private key', () => cp(space.path('other-leaf.key'), join(store, 'leaf.key'))],
  ])('trusts nobody by a store %s, to both', async (_what, change) => {
    await change()

    expect(await judge()).toMatchObject({ notation: false, waybill: false })
  })

  it('is read by waybill alone where a store has a sub-directory, with a warning', async () => {
    await mkdir(join(store, 'old'))

    expect(await judge()).toEqual({ notation: false, waybill: true, warnings: 1 })
  })

  it('is refused by both where its policy is a symbolic link', async () => {
    await judge()
    const policy = join(notation.dir, 'trustpolicy.json')
    await rename(policy, space.path('elsewhere.json'))
    await symlink(space.path('elsewhere.json'), policy)

    expect(await notation.verifies(signed)).toBe(false)
    await expect(openTrustFolder(notation.dir)).rejects.toSatisfy(isTrustPolicyError)
  })
})
