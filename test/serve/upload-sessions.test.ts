import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { once } from '../../src/content/reopenable.js'
import { nodeDisk } from '../../src/serve/disk.js'
import { UploadFiles } from '../../src/serve/upload-file.js'
import { UploadSessions } from '../../src/serve/upload-sessions.js'
import { tmpFolder } from '../support/tmp.js'
import { opened } from './opened.js'

const NEVER_MS = 1_000_000

async function sessionsOf(max: number) {
  const folder = await tmpFolder()
  return { folder, sessions: new UploadSessions(new UploadFiles(nodeDisk, folder), { max, idleMs: NEVER_MS }) }
}

test('a session that is never written to makes no file', async () => {
  const { folder, sessions } = await sessionsOf(10)

  await sessions.start('app', 'sha256')

  expect(await readdir(folder)).toEqual([])
})

test('with as many as there may be, the one that was left alone longest makes room, with its file', async () => {
  const { folder, sessions } = await sessionsOf(2)
  const oldest = await sessions.start('app', 'sha256')
  const used = await sessions.start('app', 'sha256')
  await sessions.use(oldest.id, 'app', async (session) => (await session.file()).append(once(Buffer.from('x')), 1))
  await sessions.use(used.id, 'app', async (session) => (await session.file()).append(once(Buffer.from('x')), 1))

  const newest = await sessions.start('app', 'sha256')

  await expect(sessions.use(oldest.id, 'app', async () => 1)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
  await expect(sessions.use(used.id, 'app', async () => 1)).resolves.toBe(1)
  await expect(sessions.use(newest.id, 'app', async () => 1)).resolves.toBe(1)
  expect(await readdir(folder)).toHaveLength(1)
  await sessions.close()
  expect(await readdir(folder)).toEqual([])
})

test('where all of them are being written to, a further one is told to wait', async () => {
  const { sessions } = await sessionsOf(1)
  const { promise, open } = opened()
  const busy = await sessions.start('app', 'sha256')
  const writing = sessions.use(busy.id, 'app', () => promise)

  await expect(sessions.start('app', 'sha256')).rejects.toMatchObject({ status: 429, code: 'TOOMANYREQUESTS' })
  open()
  await writing

  await expect(sessions.start('app', 'sha256')).resolves.toBeDefined()
})

test('whoever waited for a session that is cancelled meanwhile is told that there is none', async () => {
  const { sessions } = await sessionsOf(10)
  const session = await sessions.start('app', 'sha256')

  const cancelling = sessions.use(session.id, 'app', () => sessions.cancel(session))
  const waiting = sessions.use(session.id, 'app', async () => 1)

  await cancelling
  await expect(waiting).rejects.toMatchObject({ status: 404 })
})
