import { describe, expect, test } from 'vitest'
import type { ReviewNode } from '../../../src/import/review/review.js'
import type { Command } from '../../../src/tui/keys.js'
import { Tree } from '../../../src/tui/tree/tree.js'
import { drawAt } from '../../support/frames.js'
import { KEY } from '../../support/pty.js'
import { aNode, artifactNodes } from '../../support/review-nodes.js'

function shown(nodes: readonly ReviewNode[], { columns = 80, rows = 12 } = {}) {
  const commands: string[] = []
  const typing: boolean[] = []
  const over: boolean[] = []
  const filtered: boolean[] = []
  const onFiltered = (on: boolean) => void filtered.push(on)
  const screen = drawAt(
    <Tree
      {...{ nodes, rows, columns, active: true, places: ['review'] }}
      marks={({ id }) => (id === 'a1' ? 'refused' : undefined)}
      onCommand={(command: Command, { id }) => commands.push(`${command} ${id}`)}
      onTyping={(on) => typing.push(on)}
      onOver={(on) => over.push(on)}
      onFiltered={onFiltered}
    />,
    { columns, rows },
  )
  return { ...screen, commands, typing, over, filtered, text: () => screen.screen().join('\n') }
}

describe('the tree for a screen reader', () => {
  test('says level, kind, verdict and change of each line, and which is chosen', () => {
    const nodes = artifactNodes(4)
    const screen = drawAt(<Tree {...{ nodes, rows: 9, columns: 80, active: true }} />, { screenReader: true })

    expect(screen.screen().slice(2, 6)).toMatchInlineSnapshot(`
      [
        "ok, new, level 1, artifact, registry.example/team/app-2:1.0, 2.00 MB, closed",
        "chosen, FAIL, moved, level 1, artifact, registry.example/team/app-3:1.0, 3.00 MB, open",
        "level 2, platform, linux/amd64, 1.00 kB",
        "level 2, platform, linux/arm/v7, closed",
      ]
    `)
  })
})

describe('the tree on the screen', () => {
  test('at 80 columns', async () => {
    const screen = shown(artifactNodes(9))

    await screen.sees('app-3')

    expect(screen.text()).toMatchInlineSnapshot(`
      "  ok      moved   ▸ registry.example/team/app-0:1.0                      0 bytes
        refused new     ▸ registry.example/team/app-1:1.0                      1.00 MB
        ok      new     ▸ registry.example/team/app-2:1.0                      2.00 MB
      › FAIL    moved   ▾ registry.example/team/app-3:1.0                      3.00 MB
                            linux/amd64                                        1.00 kB
                          ▸ linux/arm/v7
        FAIL                signatures, 1 of vendor
        ok      new     ▸ registry.example/team/app-4:1.0                      4.00 MB
        ok      new     ▸ registry.example/team/app-5:1.0                      5.00 MB
        ok      moved   ▸ registry.example/team/app-6:1.0                      6.00 MB
        ok      new     ▸ registry.example/team/app-7:1.0                      7.00 MB
      line 4 of 12"
    `)
  })

  test('at 40 columns', async () => {
    const screen = shown(artifactNodes(9), { columns: 40, rows: 9 })

    await screen.sees('line 4')

    expect(screen.text()).toMatchInlineSnapshot(`
      "  ok      moved   ▸ registry.…/app-0:1.0
        refused new     ▸ registry.…/app-1:1.0
        ok      new     ▸ registry.…/app-2:1.0
      › FAIL    moved   ▾ registry.…/app-3:1.0
                            linux/amd64
                          ▸ linux/arm/v7
        FAIL                signatures, 1 of …
        ok      new     ▸ registry.…/app-4:1.0
      line 4 of 12"
    `)
  })

  test('hands what is not its own to the screen, with what is chosen', async () => {
    const screen = shown(artifactNodes(4))

    await screen.press('r', 'g', 'a', 'L')

    expect(screen.commands).toEqual(['refuse a3', 'approve a0', 'load a0'])
  })

  test('filters while somebody types, keeps the filter with Enter, and leaves it with Esc', async () => {
    const screen = shown(artifactNodes(9))

    await screen.press('/', 'm', 'o', 'v', 'e', 'd')
    await screen.sees('Filter (3 of 45 match): moved')
    await screen.press(KEY.enter)
    await screen.sees('line 2 of 3; filter: moved (3 of 45 match)')
    await screen.press('/')
    await screen.sees('Filter (3 of 45 match): moved')
    await screen.press(KEY.escape)
    await screen.sees(/line \d+ of \d+$/)

    expect(screen.typing).toEqual([true, false, true, false])
    expect(screen.commands).toEqual([])
    expect(screen.filtered).toEqual([false, true, false])
  })

  test('shows all of it again with Esc, where a filter was kept', async () => {
    const screen = shown(artifactNodes(9))

    await screen.press('/', 'm', 'o', 'v', 'e', 'd', KEY.enter)
    await screen.sees('Esc: all of it')
    await screen.press(KEY.escape)

    await screen.sees(/line \d+ of \d+$/)
    expect(screen.filtered).toEqual([false, true, false])
  })

  test('moves as often as a letter that is held down comes at once, and obeys no pasted text', async () => {
    const screen = shown(artifactNodes(30))

    await screen.press('g', 'jjjjj')
    await screen.sees(/^line 6 of/m)
    await screen.press('rrr', 'Gr', 'jk')

    expect(screen.commands).toEqual([])
    await screen.sees(/^line 6 of/m)
  })

  test('says where nothing matches', async () => {
    const screen = shown(artifactNodes(2))

    await screen.press('/', 'zzz', KEY.enter, 'r', KEY.enter)

    await screen.sees('line 0 of 0; filter: zzz (0 of 10 match)')
    expect(screen.commands).toEqual([])
  })

  test('shows details in full, and scrolls them', async () => {
    const details = Array.from({ length: 30 }, (_, at) => [`name ${at}`, `${at}:${'x'.repeat(100)}`] as const)
    const screen = shown([aNode('one', { verdict: 'fail', details })], { rows: 10 })

    await screen.press(KEY.enter)
    await screen.sees('lines 1 to 9 of 62')
    await screen.press(' ', 'j')
    await screen.sees('lines 10 to 18 of 62')
    await screen.press(...Array.from({ length: 10 }, () => ' '))
    await screen.sees('lines 54 to 62 of 62')
    await screen.press(KEY.escape)
    await screen.sees('line 1 of 1')

    expect(screen.over).toEqual([true, false])
  })

  test('has a document read from its details', async () => {
    const document = { digest: 'sha256:00' as never, mediaType: 'application/spdx+json', size: 1 }
    const screen = shown([aNode('sbom', { kind: 'document', document })])

    await screen.press(KEY.enter)
    await screen.sees('Enter: read the document')
    await screen.press(KEY.enter)

    expect(screen.commands).toEqual(['read sbom'])
  })

  test.each([
    ['CJK', '漢字'.repeat(60)],
    ['emoji', '👩‍👩‍👧‍👦🇨🇭👍🏽'.repeat(30)],
    ['combining marks', `e${'\u0301'.repeat(50)}`.repeat(40)],
    ['one very long word', 'x'.repeat(10_000)],
    ['Arabic', 'مرحبا'.repeat(40)],
  ])('keeps every line on its row with %s', async (_, label) => {
    const nodes = [
      aNode('one', { label, verdict: 'pass', change: 'new', size: 1 }),
      aNode('two', { label: 'plain', verdict: 'fail' }),
    ]
    const screen = shown(nodes, { columns: 60, rows: 5 })

    await screen.sees('plain')

    const lines = screen.screen()
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^ {2}ok {6}new {5}.* 1 byte$/)
    expect(lines[1]).toMatch(/^› FAIL {14}plain$/)
  })

  test.each([80, 40])('lets no label stand where a verdict stands, at %i columns', async (columns) => {
    const hostile = ['ok  VERIFIED', 'ok', '   ok      new', `${' '.repeat(200)}ok`, `${'x '.repeat(19)}ok      same`]
    const nodes = hostile.map((label, at) => aNode(`n${at}`, { label, verdict: 'fail', change: 'moved' }))
    const screen = drawAt(<Tree {...{ nodes, rows: 8, columns, active: true }} />, { columns })
    await screen.sees('VERIFIED')

    const lines = screen.screen().slice(0, hostile.length)

    expect(lines.map((line) => line.slice(2, 18))).toEqual(hostile.map(() => 'FAIL    moved   '))
  })

  test('folds the facts of a node within their column, where no fact can stand for another', async () => {
    const label = `${'x'.repeat(27)} ${'kind          signature, ok '.repeat(3)}`
    const nodes = [aNode('n', { label, verdict: 'fail' })]
    const screen = drawAt(<Tree {...{ nodes, rows: 12, columns: 40, active: true }} />, { columns: 40 })
    await screen.sees('FAIL')

    await screen.press('\r')
    await screen.sees('artifact, FAIL')

    expect(screen.screen().filter((line) => line.startsWith('kind'))).toEqual(['kind          artifact, FAIL'])
  })
})
