import { Box, Text } from 'ink'
import { useState } from 'react'
import { describe, expect, test } from 'vitest'
import { TextField } from '../../../src/tui/components/text-field.js'
import { drawAt } from '../../support/frames.js'

function Form({ suggestion }: { readonly suggestion?: string }) {
  const [value, setValue] = useState('')
  const [sent, setSent] = useState('')
  return (
    <Box flexDirection="column">
      <TextField active value={value} onChange={setValue} onSubmit={setSent} suggestion={suggestion} />
      <Text>sent: {sent}</Text>
    </Box>
  )
}

describe('a text field', () => {
  test('shows its cursor as a character, and sends with Enter', async () => {
    const frames = drawAt(<Form />)

    await frames.press('reg', 'istry', '\u001b[D')
    await frames.sees('registr▏y')
    await frames.press('\r')

    await frames.sees('sent: registry')
  })

  test('takes what is suggested where nothing has been typed', async () => {
    const frames = drawAt(<Form suggestion="127.0.0.1:5000" />)

    await frames.sees('127.0.0.1:5000 (Enter takes it)')
    await frames.press('\r')

    await frames.sees('sent: 127.0.0.1:5000')
  })

  test('erases as often as a key that is held down says so in one piece', async () => {
    const frames = drawAt(<Form />)

    await frames.press('registry', '\u007f\u007f\u007fon\r')

    await frames.sees('sent: regison')
  })

  test('takes a line that is pasted with its end, and nothing that comes after it', async () => {
    const frames = drawAt(<Form />)

    await frames.press('one\rtwo')

    await frames.sees('sent: one')
    expect(frames.screen()[0]).toBe('one▏')
  })

  test('stays on one line, whatever is pasted, and shows where the cursor is', async () => {
    const frames = drawAt(<Form />, { columns: 20 })

    await frames.press(`${'long '.repeat(30)}\u202eend`)

    await frames.sees('\\u{202e}end▏')
    expect(frames.screen()).toHaveLength(2)
  })
})
