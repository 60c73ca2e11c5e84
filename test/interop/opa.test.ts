import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askModule, MODULE_BOUNDS } from '../../src/opa/ask-module.js'
import { readPolicyFile } from '../../src/opa/policy-file.js'
import { type Daemon, freePort, startDaemon } from '../support/peers/daemon.js'
import { makeLayout } from '../support/peers/release.js'
import { toolPath } from '../support/peers/tool.js'
import { initKeys, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const POLICIES = join(import.meta.dirname, '../opa/policies')
const SIGNAL = new AbortController().signal
const INPUT = {
  schema: 'waybill.policy-input.v1',
  bundle: { stream: 'acme/nightly', ageSeconds: 1 },
  roots: [{ name: 'registry.example/app:1', tag: '1', digest: 'sha256:a' }],
  lookups: [],
}

let space: Workspace

beforeAll(async () => {
  space = await openWorkspace()
})

afterAll(async () => {
  await space.remove()
})

describe('policies that opa compiles now', () => {
  it('answer as those that are checked in', async () => {
    await mkdir(space.path('built'))
    space.text('sh', [join(POLICIES, 'build.sh'), toolPath('opa'), space.path('built')])
    const rules = await answerRules()

    const said = async (folder: string, rule: string) => {
      const file = rule.startsWith('answers/') ? 'answers.tar.gz' : 'example.wasm'
      const policy = readPolicyFile(await readFile(join(folder, file)), file)
      const given = { entrypoint: rule, bounds: MODULE_BOUNDS, signal: SIGNAL }
      return await askModule(policy, INPUT, given).catch((cause: unknown) => String(cause))
    }

    expect(rules.length).toBeGreaterThan(25)
    for (const rule of [...rules, 'waybill/allow', 'waybill/verdict']) {
      expect(await said(space.path('built'), rule), rule).toEqual(await said(POLICIES, rule))
    }
  })

  it('answer as opa itself does, where they need nothing but their input', async () => {
    await space.write('input.json', JSON.stringify(INPUT))
    for (const rule of ['yes', 'no', 'allowed', 'denied', 'has_input', 'refused', 'misspelt', 'nothing']) {
      const args = ['eval', '-f', 'json', '-i', 'input.json', '-d', join(POLICIES, 'answers.rego')]
      const { result } = JSON.parse(space.text('opa', [...args, `data.answers.${rule}`])) as Evaluated
      const value = result?.[0]?.expressions[0]?.value
      const given = { entrypoint: `answers/${rule}`, bounds: MODULE_BOUNDS, signal: SIGNAL }
      const policy = readPolicyFile(await readFile(join(POLICIES, 'answers.tar.gz')), 'answers')

      const said = await askModule(policy, INPUT, given).catch(() => undefined)

      const allow = value === true || (typeof value === 'object' && (value as { allow?: unknown }).allow === true)
      expect(said?.allow, rule).toBe(rule === 'misspelt' || rule === 'nothing' ? undefined : allow)
    }
  })
})

describe('an import', () => {
  let bundle: string
  let server: Daemon
  let url: string

  beforeAll(async () => {
    await makeLayout(space)
    const { signer } = initKeys(space)
    bundle = space.path('pair.tar')
    waybillJson(space, 'waybill.export.v1', ['export', 'oci:layout:pair', '--output', bundle, ...signer])
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const policies = [join(POLICIES, 'answers.rego'), join(POLICIES, 'example.rego')]
    server = await startDaemon('opa', ['run', '--server', '--addr', `127.0.0.1:${port}`, ...policies], {
      env: space.env,
      log: space.path('opa.log'),
      ready: () =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
    })
  })

  afterAll(async () => {
    await server?.stop()
  })

  const importing = (path: string, to = '127.0.0.1:9') =>
    waybill(space, ['import', bundle, '--to', to, '--opa-server', url, '--opa-path', path])

  it('is refused by a server, with its reasons', () => {
    const { status, stdout } = importing('waybill/verdict')

    expect([status, stdout.toString()]).toEqual([4, expect.stringMatching(/ has no SBOM/)])
    expect(importing('answers/no')).toMatchObject({ status: 4 })
  })

  it('goes on only when the server says a clear yes', () => {
    // The target is not there: whoever comes to it has been let in.
    expect(importing('answers/yes').status).toBe(7)
    expect(importing('answers/has_input').status).toBe(7)
    for (const rule of ['nothing', 'misspelt', 'text', 'allow_number', 'conflict', 'not_there']) {
      const { status, stderr, stdout } = importing(`answers/${rule}`)
      expect([status, stdout.toString()], rule).toEqual([4, ''])
      expect(stderr, rule).toContain('ERR_OPA_FAILED')
    }
  })

  it('gives opa eval the same input that it gives the policy', async () => {
    const { status, stdout } = waybill(space, ['policy', 'input', bundle, '--to', '127.0.0.1:9'])
    await writeFile(space.path('real.json'), stdout)

    const args = ['eval', '-f', 'json', '-i', 'real.json', '-d', join(POLICIES, 'example.rego'), 'data.waybill.verdict']
    const { result } = JSON.parse(space.text('opa', args)) as Evaluated

    expect(status).toBe(0)
    expect(result?.[0]?.expressions[0]?.value).toMatchObject({
      allow: false,
      deny: [expect.stringContaining('has no SBOM')],
    })
  })
})

interface Evaluated {
  readonly result?: readonly { readonly expressions: readonly { readonly value: unknown }[] }[]
}

/** The entrypoints that end by themselves. */
async function answerRules(): Promise<readonly string[]> {
  const text = await readFile(join(POLICIES, 'answers.rego'), 'utf8')
  const names = [...text.matchAll(/^([a-z_]+) (?::=|if) /gm)].map(([, name]) => name ?? '')
  const others = ['span', 'forbidden', 'endless', 'many']
  return [...new Set(names)].filter((name) => !others.includes(name)).map((name) => `answers/${name}`)
}
