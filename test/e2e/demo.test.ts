import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { makeRelease } from '../../samples/release.mjs'
import { digestOf } from '../../src/oci/digest.js'
import { tmpFolder } from '../support/tmp.js'

const DEMO = fileURLToPath(new URL('../../samples/demo.mjs', import.meta.url))

it('tells the story to its end, every command as it is typed, and leaves nothing behind', async () => {
  const demo = await startDemo()

  const { status, stdout, stderr } = await demo.ended

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.match(/(?<=\$ waybill )(?:keys init|trust add|\w+)/g)).toEqual([
    ...['serve', 'keys init', 'trust add', 'trust add', 'export', 'keys init', 'export'],
    ...['inspect', 'verify', 'serve', 'import', 'verify', 'import'],
  ])
  expect(stdout).toMatch(/^ {2}\| artifact \S+\/net-monitor:v1: verified \(statement vendor, strict\)$/m)
  expect(stdout).toMatch(/^ {2}\| VERIFIED disk\/net-monitor\.tar$/m)
  expect(stdout).toMatch(/^ {2}\| LOADED$/m)
  expect(stdout).toMatch(/^ {2}ok {2}the tag v1 is sha256:[0-9a-f]{64}, as at the source$/m)
  expect(stdout).toMatch(/^ {2}ok {2}its platforms are linux\/amd64, linux\/arm64$/m)
  expect(stdout).toMatch(/^ {2}ok {2}6 of 6 are there/m)
  expect(stdout.match(/signature by Wabbit Networks$/gm)).toHaveLength(3)
  expect(stdout.match(/signature by Wharf Certified Content$/gm)).toHaveLength(1)
  expect(stdout).toMatch(/^ {2}ok {2}21 of 21 manifests and blobs have the digests/m)
  expect(stdout).toMatch(/ERR_CONTENT_MISMATCH.*exit status 6.*ERR_SIGNER_UNKNOWN.*exit status 5/s)
  expect(Number(/Done in ([0-9.]+) s/.exec(stdout)?.[1])).toBeLessThan(60)
  expect(stdout).not.toContain('\u001b')
  expect(await demo.leftovers()).toEqual({ files: [], processes: false })
})

it('leaves nothing behind after Ctrl+C, which the commands below it get too', async () => {
  const demo = await startDemo()
  await demo.says('$ waybill export')

  process.kill(-demo.pid, 'SIGINT')

  expect((await demo.ended).status).toBe(130)
  expect(await demo.leftovers()).toEqual({ files: [], processes: false })
})

it.each([
  ['while the first registry starts', '$ waybill serve'],
  ['while both registries run', '--to 127.0.0.1'],
])('leaves nothing behind when it alone is told to end, %s', async (_when, text) => {
  const demo = await startDemo()
  await demo.says(text)

  process.kill(demo.pid, 'SIGTERM')

  expect((await demo.ended).status).toBe(143)
  expect(await demo.leftovers()).toEqual({ files: [], processes: false })
})

it('fails, and leaves nothing behind, when a command does not do what it should', async () => {
  const demo = await startDemo()
  const said = await demo.says('$ waybill keys init')
  const [, host, repository, tag] = /pushed ([^/]+)\/(\S+):(\S+)/.exec(said) ?? []

  const { status: deleted } = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, { method: 'DELETE' })

  expect(deleted).toBe(202)
  const { status, stderr } = await demo.ended
  expect(status).toBe(1)
  expect(stderr).toContain('ERR_NOT_FOUND')
  expect(await demo.leftovers()).toEqual({ files: [], processes: false })
})

it('leaves nothing behind when nobody reads to the end', async () => {
  const demo = await startDemo()
  await demo.says('$ waybill keys init')

  demo.child.stdout.destroy()

  expect((await demo.ended).status).toBe(0)
  expect(await demo.leftovers()).toEqual({ files: [], processes: false })
})

it('carries a release that is the same whenever it is made, except for its signatures', async () => {
  const first = await makeRelease({ now: new Date('2026-11-22T12:00:00Z') })

  const second = await makeRelease({ now: new Date('2027-01-01T00:00:00Z') })

  const parts = ({ index, platforms, layers, sbom, source }: typeof first) => [index, sbom, source, platforms, layers]
  expect(parts(second)).toEqual(parts(first))
  expect(second.signatures.map(({ by }) => by)).toEqual(first.signatures.map(({ by }) => by))
})

it('carries a release whose layers unpack to what its configs say', async () => {
  const { contents, platforms } = await makeRelease({ now: new Date('2026-11-22T12:00:00Z') })
  const bytesOf = ({ digest }: { readonly digest: string }) =>
    contents.find(({ descriptor }) => descriptor.digest === digest)?.bytes ?? new Uint8Array()

  const images = platforms.map((platform) => {
    const manifest = JSON.parse(Buffer.from(bytesOf(platform)).toString())
    const config = JSON.parse(Buffer.from(bytesOf(manifest.config)).toString())
    const unpacked: string[] = manifest.layers.map((layer: { digest: string }) => digestOf(gunzipSync(bytesOf(layer))))
    return { platform: platform.platform, config, unpacked }
  })

  expect(images.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64'])
  for (const { platform, config, unpacked } of images) {
    expect(config).toMatchObject({ ...platform, rootfs: { type: 'layers', diff_ids: unpacked } })
  }
})

interface RunningDemo {
  readonly child: ChildProcessWithoutNullStreams
  /** also the id of the group of everything that it starts */
  readonly pid: number
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>
  /** Waits until it has printed this, and gives what it has printed so far. */
  says(text: string): Promise<string>
  leftovers(): Promise<{ readonly files: readonly string[]; readonly processes: boolean }>
}

/** The demo in a process group and a folder for temporary files of its own, so that whatever it leaves can be seen. */
async function startDemo(): Promise<RunningDemo> {
  const temporary = join(await tmpFolder(), 'tmp')
  await mkdir(temporary)
  const env = { ...process.env, TMPDIR: temporary }
  const child = spawn(process.execPath, [DEMO], { detached: true, env })
  const pid = child.pid ?? 0
  onTestFinished(() => {
    if (isAlive(-pid)) process.kill(-pid, 'SIGKILL')
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      said[name] += piece
    })
  }
  const ended = once(child, 'exit').then(async ([status]) => {
    await Promise.all([drained(child.stdout), drained(child.stderr)])
    return { status: status as number | null, ...said }
  })
  const says = async (text: string): Promise<string> => {
    while (!said.stdout.includes(text)) {
      await Promise.race([once(child.stdout, 'data'), ended.then(() => fail(text, said))])
    }
    return said.stdout
  }
  const leftovers = async () => ({ files: await readdir(temporary), processes: isAlive(-pid) })
  return { child, pid, ended, says, leftovers }
}

async function drained(
  stream: NodeJS.ReadableStream & { readonly destroyed?: boolean; readonly readableEnded?: boolean },
) {
  if (stream.destroyed !== true && stream.readableEnded !== true) await once(stream, 'close')
}

function fail(text: string, said: { readonly stdout: string; readonly stderr: string }): never {
  throw new Error(`the demo ended before it said ${JSON.stringify(text)}: ${JSON.stringify(said)}`)
}

/** Signal 0 asks, and does nothing. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
