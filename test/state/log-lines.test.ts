import { describe, expect, it } from 'vitest'
import { EMPTY_LOG, formatLine, type Log, parseLog } from '../../src/state/log-lines.js'

/** The bytes of a log with these entries. */
function logOf(...entries: readonly object[]): Buffer {
  let bytes: Buffer = Buffer.alloc(0)
  for (const entry of entries) {
    bytes = Buffer.concat([bytes, formatLine(entry, parsed(bytes).head), Buffer.from('\n')])
  }
  return bytes
}

function parsed(bytes: Uint8Array): Log {
  return parseLog(bytes, 'a.jsonl')
}

function plain(log: Log): unknown {
  return JSON.parse(JSON.stringify(log.entries))
}

describe('parseLog', () => {
  it('reads what was written, line by line', () => {
    const bytes = logOf({ n: 1 }, { n: 2, text: 'zwölf\n' }, {})

    expect(plain(parsed(bytes))).toEqual([{ n: 1 }, { n: 2, text: 'zwölf\n' }, {}])
    expect(parsed(bytes).size).toBe(bytes.byteLength)
    expect(parsed(new Uint8Array())).toEqual(EMPTY_LOG)
  })

  it('has this form, which later releases read', () => {
    expect(logOf({ n: 1 }).toString()).toBe(
      '{"after":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","entry":{"n":1},' +
        '"hash":"sha256:da290dfe89adfa076bef7d0ac940a080547d419c216dce94ace41be19f763aa4"}\n',
    )
  })

  it('drops a last line that was cut anywhere, and nothing else', () => {
    const whole = logOf({ n: 1 }, { n: 2 })
    const bytes = logOf({ n: 1 }, { n: 2 }, { n: 3 })

    for (let end = whole.byteLength; end < bytes.byteLength; end += 1) {
      expect(parsed(bytes.subarray(0, end))).toEqual(parsed(whole))
    }
  })

  it('refuses one changed bit of a whole line, wherever it is', () => {
    const bytes = logOf({ n: 1 }, { n: 2 }, { n: 3 })
    const lineFeeds = [...bytes.keys()].filter((at) => bytes[at] === 0x0a)
    for (let at = 0; at < bytes.byteLength; at += 1) {
      // Without its line feed the last line was never completed.
      if (at === lineFeeds.at(-1)) continue
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 4

      expect(() => parsed(changed), `byte ${at}`).toThrowError(expect.objectContaining({ code: 'ERR_STATE_DAMAGED' }))
    }
  })

  it.each([
    ['a line taken out', (lines: readonly string[]) => [lines[0], lines[2]]],
    ['the first line taken out', (lines: readonly string[]) => lines.slice(1)],
    ['two lines exchanged', (lines: readonly string[]) => [lines[1], lines[0], lines[2]]],
    ['a line twice', (lines: readonly string[]) => [lines[0], lines[0], lines[1]]],
    ['an empty line', (lines: readonly string[]) => [lines[0], '', lines[1]]],
    ['a line in other words', (lines: readonly string[]) => [lines[0]?.replace(':', ': '), lines[1]]],
    ['a member more', (lines: readonly string[]) => [lines[0]?.replace(/}$/, ',"x":1}'), lines[1]]],
    ['no entry', () => ['{}']],
    ['no object', () => ['7']],
    ['no JSON', () => ['torn{']],
  ])('refuses %s', (_name, change) => {
    const lines = logOf({ n: 1 }, { n: 2 }, { n: 3 }).toString().trimEnd().split('\n')
    const bytes = Buffer.from(
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    )

    expect(() => parsed(bytes)).toThrowError(expect.objectContaining({ code: 'ERR_STATE_DAMAGED' }))
  })
})
