import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWords } from '../../src/encoding/shell-words.js'

test('leaves plain words as they are', () => {
  expect(shellWords(['waybill', 'import', '/media/usb/a-1.tar', '--to', '127.0.0.1:5000/x'])).toBe(
    'waybill import /media/usb/a-1.tar --to 127.0.0.1:5000/x',
  )
})

test('writes words that a shell reads as they were', () => {
  const words = ['', 'a b', "it's", '$(id)', '`id`', '*', 'a\\b', '"', '~', '#x', 'ümlaut', '!!', 'a\nb']

  const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellWords(words)}`], { encoding: 'utf8' })

  expect(read.split('\0').slice(0, -1)).toEqual(words)
})
