import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBundle } from '../../src/bundle/reader.js'
import { layoutFolderSink } from '../../src/content/layout-sink.js'
import { anImage, noise } from '../support/build.js'
import { readVector } from '../support/bundles-vectors.js'
import { readFixed } from '../support/keys-fixed.js'
import { tmpFolder } from '../support/tmp.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const MiB = 1024 * 1024

/** A layout that takes a moment to export: 64 MiB in eight layers. */
async function aLargeLayout(folder: string): Promise<void> {
  const layers = Array.from({ length: 8 }, (_, at) => noise(8 * MiB, `layer ${at}`))
  await anImage({ layers })
    .tagged('1.0')
    .into(await layoutFolderSink(join(folder, 'layout')))
}

function waybill(folder: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

function anExport(folder: string): ChildProcess {
  return waybill(folder, 'export', 'oci:layout:1.0', '--output', 'out/bundle.tar', '--unsigned', '--events', 'ndjson')
}

/** Waits until the program says this on stderr. */
async function said(child: ChildProcess, text: string): Promise<void> {
  if (child.stderr === null) throw new Error('no stderr')
  for await (const line of createInterface({ input: child.stderr })) if (line.includes(text)) return
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

async function aWorkspace(): Promise<string> {
  const folder = await tmpFolder()
  await aLargeLayout(folder)
  await mkdir(join(folder, 'out'))
  return folder
}

describe('an export that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends by %s with %i, and leaves nothing', async (signal, status) => {
    const folder = await aWorkspace()
    const child = anExport(folder)
    await said(child, 'blob-started')

    child.kill(signal)

    expect(await ended(child)).toBe(status)
    expect(await readdir(join(folder, 'out'))).toEqual([])
  })

  it('ends at once when it is told twice', async () => {
    const folder = await aWorkspace()
    const child = anExport(folder)
    await said(child, 'stage-started')

    child.kill('SIGINT')
    child.kill('SIGINT')

    expect(await ended(child)).toBe(130)
    expect(await readdir(join(folder, 'out'))).not.toContain('bundle.tar')
  })

  it('has no file under the final name, whenever it is killed, and can be run again', async () => {
    const folder = await aWorkspace()
    let whole = 0
    for (let round = 0; round < 12; round += 1) {
      const child = anExport(folder)
      await said(child, round % 3 === 0 ? 'stage-started' : 'blob-started')
      await sleep(round * 7)
      child.kill('SIGKILL')
      await ended(child)
      const names = await readdir(join(folder, 'out'))
      if (names.includes('bundle.tar')) {
        // It came to its end before the signal did: then it is whole.
        whole += 1
        await (await openBundle(join(folder, 'out', 'bundle.tar'))).close()
        await rm(join(folder, 'out', 'bundle.tar'))
      }
    }
    expect(whole).toBeLessThan(12)

    expect(await ended(anExport(folder))).toBe(0)
    expect(await readdir(join(folder, 'out'))).toEqual(['bundle.tar'])
  })
})

describe('an import that is interrupted', () => {
  it('has set no tag, and goes on when it is run again', async () => {
    const folder = await aWorkspace()
    const signing = ['--key', 'signing.key', '--cert', 'signing.crt']
    await writeFile(join(folder, 'signing.key'), readFixed('keys/exporter.key'))
    await writeFile(join(folder, 'signing.crt'), readFixed('keys/exporter.crt'))
    await writeFile(join(folder, 'root.crt'), readFixed('trust/exporter-root.crt'))
    expect(await ended(waybill(folder, 'trust', 'add', 'root.crt'))).toBe(0)
    expect(await ended(waybill(folder, 'export', 'oci:layout:1.0', '--output', 'b.tar', ...signing))).toBe(0)
    const host = await serve(folder)
    const args = ['import', 'b.tar', '--to', host, '--events', 'ndjson']
    const child = waybill(folder, ...args)
    await said(child, '"stage":"load"')
    await said(child, 'blob-started')

    child.kill('SIGINT')

    expect(await ended(child)).toBe(130)
    expect((await fetch(`http://${host}/v2/layout/manifests/1.0`)).status).toBe(404)
    expect(await ended(waybill(folder, ...args))).toBe(0)
    expect((await fetch(`http://${host}/v2/layout/manifests/1.0`)).status).toBe(200)
  })
})

async function serve(folder: string): Promise<string> {
  const child = waybill(folder, 'serve', '--store', 'store', '--listen', '127.0.0.1:0')
  if (child.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const host = /^listening on http:\/\/(.*)$/.exec(line)?.[1]
    if (host !== undefined) return host
  }
  throw new Error('the registry ended before it listened')
}

describe('a reader of the output that has seen enough', () => {
  it.each([
    ['zeros', 6],
    ['unsigned', 5],
  ])('does not turn the refusal of %s into success', async (name, status) => {
    const folder = await tmpFolder()
    await writeFile(join(folder, 'bundle.tar'), await readVector(name))
    const child = waybill(folder, 'verify', 'bundle.tar')
    child.stdout?.destroy()

    expect(await ended(child)).toBe(status)
  })
})
