import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { policyInit } from '../../src/cli/commands/policy.js'
import { readNamedFile } from '../../src/cli/compose.js'
import type { CommandContext } from '../../src/cli/context.js'
import { importPolicy } from '../../src/cli/policy.js'
import { POLICY_START } from '../../src/cli/policy-start.js'
import { policyOf } from '../support/policies.js'
import { tmpFolder } from '../support/tmp.js'

function context(configDir: string): CommandContext & { readonly printed: string[] } {
  const printed: string[] = []
  return {
    signal: new AbortController().signal,
    emit: () => {},
    now: () => new Date(0),
    createdAt: () => new Date(0),
    configDir,
    plainHttp: false,
    generator: 'waybill/0',
    readFile: readNamedFile,
    findPlugin: () => async () => undefined,
    print: (output) => void printed.push(JSON.stringify(output)),
    printed,
  }
}

describe('policy init', () => {
  it('writes a policy into the configuration folder that can be read, and refuses everything', async () => {
    const given = context(join(await tmpFolder(), 'config'))

    expect(await policyInit(undefined, given)).toBe(0)

    const policy = await importPolicy({}, given)
    expect(policy).toMatchObject({ path: join(given.configDir, 'import-policy.yaml'), streams: [], artifacts: [] })
    expect(policy?.unstreamed).toBeUndefined()
    expect(given.printed).toEqual([`{"schema":"waybill.policy.v1","path":"${policy?.path}"}`])
  })

  it('leaves a file that is there as it is', async () => {
    const path = join(await tmpFolder(), 'mine.yaml')
    await writeFile(path, 'mine')

    await expect(policyInit(path, context('/nowhere'))).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  it('shows, as comments, a policy that can be read with all of its examples', () => {
    const { signers, streams, artifacts, opa } = policyOf(POLICY_START.replaceAll(/^# /gm, ''))

    expect([...signers.keys()]).toEqual(['vendor', 'certifier', 'exporter'])
    expect([streams.length, artifacts.length, opa?.by]).toEqual([2, 2, 'wasm'])
  })
})

describe('importPolicy', () => {
  it('is none where no file is there and none is named', async () => {
    expect(await importPolicy({}, context(await tmpFolder()))).toBeUndefined()
    expect(await importPolicy({}, context(join(await tmpFolder(), 'none')))).toBeUndefined()
  })

  it('is the file that is named, in place of the one in the configuration folder', async () => {
    const dir = await tmpFolder()
    await writeFile(join(dir, 'import-policy.yaml'), 'no policy')
    await writeFile(join(dir, 'other.yaml'), 'version: 1\n')

    const policy = await importPolicy({ policy: join(dir, 'other.yaml') }, context(dir))

    expect(policy?.path).toBe(join(dir, 'other.yaml'))
  })

  it.each(['import-policy.yml', 'import-policy.json'])('refuses to overlook %s', async (name) => {
    const dir = await tmpFolder()
    await writeFile(join(dir, name), 'version: 1\n')

    await expect(importPolicy({}, context(dir))).rejects.toMatchObject({ code: 'ERR_POLICY_INVALID' })
  })

  it('refuses to go on without a policy that a link leads to, and that is not there', async () => {
    const dir = await tmpFolder()
    await symlink(join(dir, 'gone.yaml'), join(dir, 'import-policy.yaml'))

    await expect(importPolicy({}, context(dir))).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it('refuses a folder in its place, a file that is not there, and no name', async () => {
    const dir = await tmpFolder()
    await mkdir(join(dir, 'import-policy.yaml'))

    await expect(importPolicy({}, context(dir))).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
    await expect(importPolicy({ policy: join(dir, 'none') }, context(dir))).rejects.toMatchObject({
      code: 'ERR_MEDIUM',
    })
    await expect(importPolicy({ policy: '' }, context(dir))).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('finds a compiled Rego policy from the folder of the policy', async () => {
    const dir = await tmpFolder()
    await writeFile(join(dir, 'a.yaml'), 'version: 1\nopa: {wasm: rules/last.wasm}\n')

    const policy = await importPolicy({ policy: join(dir, 'a.yaml') }, context(dir))

    expect(policy?.opa).toEqual({ by: 'wasm', path: resolve(dir, 'rules/last.wasm'), entrypoint: 'waybill/allow' })
  })
})

describe('a file that the operator names', () => {
  it('is read no further than the limit, also where it has no end', async () => {
    await expect(readNamedFile('/dev/zero')).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })
})
