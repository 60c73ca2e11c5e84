import { expect, test } from 'vitest'
import { folderAbove } from '../../../src/tui/components/file-order.js'

test.each([
  ['/', undefined],
  ['/media', '/'],
  ['/media/usb/', '/media'],
  ['C:\\', undefined],
  ['C:\\media', 'C:\\'],
  ['C:\\media\\usb', 'C:\\media'],
])('above the folder %s is %s', (folder, above) => {
  expect(folderAbove(folder)).toBe(above)
})
