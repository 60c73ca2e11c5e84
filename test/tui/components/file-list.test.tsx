import { describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { FileList } from '../../../src/tui/components/file-list.js'
import type { FolderEntry } from '../../../src/tui/means.js'
import { drawAt } from '../../support/frames.js'
import { KEY } from '../../support/pty.js'

function entry(path: string, kind: FolderEntry['kind'], size = 0): FolderEntry {
  return { name: path.split('/').at(-1) ?? '', path, kind, size }
}

const FOLDERS: Readonly<Record<string, readonly FolderEntry[]>> = {
  '/media': [
    entry('/media/notes.txt', 'other', 12),
    entry('/media/usb', 'folder'),
    entry('/media/b.tar', 'bundle', 4_200_000),
    entry('/media/a.receipt', 'receipt', 900),
  ],
  '/media/usb': [entry('/media/usb/evil\u001b[2J\u202e.tar', 'bundle', 1)],
  '/': [entry('/media', 'folder')],
}

function shown({ columns = 80, rows = 10 } = {}) {
  const chosen: string[] = []
  const typing: boolean[] = []
  const list = async (folder: string): Promise<readonly FolderEntry[]> => {
    const found = FOLDERS[folder]
    if (found === undefined) throw new TransferError('ERR_MEDIUM', `cannot list ${folder}`)
    return found
  }
  const screen = drawAt(
    <FileList
      {...{ means: { list }, folder: '/media', kinds: ['bundle', 'receipt'], rows }}
      onChosen={(path) => chosen.push(path)}
      onTyping={(now) => typing.push(now)}
    />,
    { columns },
  )
  return { ...screen, chosen, typing }
}

describe('the list of files', () => {
  test('shows what is looked for first, then the way up, folders and the rest', async () => {
    const screen = shown()

    await screen.sees('b.tar')

    expect(screen.screen().join('\n')).toMatchInlineSnapshot(`
      "/media
      › receipt   900 bytes  a.receipt
        bundle      4.20 MB  b.tar
        folder               ..
        folder               usb
                   12 bytes  notes.txt
      4 in this folder; Tab: type a path"
    `)
  })

  test('goes into folders and out of them, and gives the path of a file', async () => {
    const screen = shown()
    await screen.sees('b.tar')

    await screen.press(KEY.down, KEY.down, KEY.down, KEY.enter)
    await screen.sees('evil')
    await screen.press(KEY.down, KEY.enter)
    await screen.gone('/media/usb')
    await screen.sees('b.tar')
    await screen.press(KEY.down, KEY.enter)

    expect(screen.chosen).toEqual(['/media/b.tar'])
  })

  test('shows names of others harmlessly', async () => {
    const screen = shown()
    await screen.sees('b.tar')

    await screen.press(KEY.down, KEY.down, KEY.down, KEY.enter)
    await screen.sees('evil')

    expect(screen.screen().join('\n')).toContain('evil\\u{1b}[2J\\u{202e}.tar')
  })

  test('takes a path that is typed, also where a line feed comes with it', async () => {
    const screen = shown()
    await screen.sees('b.tar')

    await screen.press(KEY.tab, '/dev/x', KEY.enter)
    await screen.press(KEY.tab, '/dev/y\r')
    await screen.press(KEY.tab, '/media/usb', KEY.enter)
    await screen.sees('evil')

    expect(screen.chosen).toEqual(['/dev/x', '/dev/y'])
    expect(screen.typing).toEqual([true, false, true, false, true, false])
  })

  test('leaves the field without choosing', async () => {
    const screen = shown()
    await screen.sees('b.tar')

    await screen.press(KEY.tab, '/dev/x', KEY.escape)
    await screen.sees('Tab: type a path')

    expect(screen.chosen).toEqual([])
  })

  test('keeps the chosen line in sight where there is little room', async () => {
    const screen = shown({ columns: 40, rows: 5 })
    await screen.sees('b.tar')

    await screen.press(KEY.end)

    await screen.sees(/› .*notes\.txt/)
    expect(screen.screen().length).toBeLessThanOrEqual(5)
  })
})
