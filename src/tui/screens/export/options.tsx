import { Box, Text } from 'ink'
import { type ReactNode, useLayoutEffect } from 'react'
import { printable } from '../../../encoding/printable.js'
import { FieldRow } from '../../components/field-row.js'
import { Frame } from '../../components/frame.js'
import { PickList } from '../../components/pick-list.js'
import { SameCommand } from '../../components/same-command.js'
import { TextField } from '../../components/text-field.js'
import { useSize } from '../../components/use-size.js'
import type { Estimate, Machine } from '../../means.js'
import { useKeys } from '../../use-keys.js'
import type { BrowseProps } from './browse.js'
import { Estimated } from './estimated.js'
import { choiceOf, type ExportField } from './form.js'
import type { Asked } from './use-asked.js'

export interface OptionsProps extends BrowseProps {
  readonly machine: Machine
  readonly estimate: Asked<Estimate>
}

/** What else is asked before an export, and what it would carry. */
export function Options(props: OptionsProps) {
  const { means, form, act, machine, estimate, work, session, onTyping } = props
  const { at, keys } = form
  const isText = at === 'stream' || at === 'output'
  useLayoutEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  const start = async (): Promise<void> => {
    const problem = await means.exporting.check('output', form.output)
    if (problem !== undefined) act({ type: 'problem', text: problem })
    else work.exportBundle(choiceOf(form))
  }
  const choose = (): void => {
    if (at === 'platforms') act({ type: 'went', view: 'platforms' })
    else if (at === 'start') void start()
    else act({ type: 'moved', by: 1 })
  }
  useKeys({
    places: ['form'],
    on(command) {
      if (command === 'next-field') act({ type: 'moved', by: 1 })
      else if (command === 'previous-field') act({ type: 'moved', by: -1 })
      else if (command === 'leave') act({ type: 'back' })
    },
  })
  useKeys({
    places: ['option', 'list', 'everywhere'],
    active: !isText,
    on(command) {
      if (command === 'choose') choose()
      else if (command === 'toggle' && (at === 'referrers' || at === 'sign')) act({ type: 'toggled', field: at })
      else if (command === 'up') act({ type: 'moved', by: -1 })
      else if (command === 'down') act({ type: 'moved', by: 1 })
      else if (command === 'help') session.tell({ type: 'help', shown: true })
    },
  })
  const row = (field: ExportField, words: { readonly label: string; readonly hint: string }, value: ReactNode) => (
    <FieldRow {...words} here={at === field} problem={at === field ? form.problem : undefined}>
      {value}
    </FieldRow>
  )
  const text = (field: 'stream' | 'output') => (
    <TextField
      active={at === field}
      value={form[field]}
      onChange={(value) => act({ type: 'typed', field, text: value })}
      onSubmit={() => act({ type: 'moved', by: 1 })}
    />
  )
  const platforms = form.platforms.length === 0 ? 'all' : form.platforms.map((one) => printable(one)).join(', ')
  const shown = { ...choiceOf(form), output: form.output || 'FILE' }
  return (
    <Frame title="Export: how?" places={isText || at === 'start' ? ['form'] : ['option', 'form']}>
      {row(
        'platforms',
        { label: 'Platforms', hint: 'Enter: choose some of them' },
        <Text wrap="truncate">{platforms}</Text>,
      )}
      {row(
        'referrers',
        { label: 'Unknown', hint: 'go on where a registry cannot say what hangs on an image' },
        <Text>{form.unknownReferrers ? '[x] go on, and say so' : '[ ] refuse'}</Text>,
      )}
      {row(
        'stream',
        { label: 'Stream', hint: 'bundles that follow each other; leave it empty for none' },
        text('stream'),
      )}
      {keys
        ? row(
            'sign',
            { label: 'Sign', hint: 'with this machine’s key' },
            <Text>{form.sign ? '[x] yes' : '[ ] no'}</Text>,
          )
        : null}
      {row('output', { label: 'File', hint: 'a new file' }, text('output'))}
      {row(
        'start',
        { label: 'Export', hint: 'the file is there when all of it is written, not before' },
        <Text>{at === 'start' ? 'Enter: write the bundle' : ''}</Text>,
      )}
      <Estimated {...estimate} />
      <Box flexGrow={1} />
      <SameCommand command={means.exporting.command(shown, machine)} />
    </Frame>
  )
}

/** The platforms that the estimate has seen, and those that were chosen before. */
export function Platforms({ form, act, estimate, onTyping }: OptionsProps) {
  const { rows } = useSize()
  const names = [...new Set([...(estimate.found?.platforms ?? []), ...form.platforms])].sort()
  const toggled = new Set(form.platforms)
  return (
    <Frame title="Export: which platforms?" places={['option', 'names', 'everywhere']}>
      <Text dimColor>{toggled.size === 0 ? 'None is chosen: all of them are carried.' : `${toggled.size} chosen`}</Text>
      <PickList
        picks={names.map((value) => ({ value, label: printable(value) }))}
        rows={Math.max(2, rows - 4)}
        toggled={toggled}
        onToggled={(name) => act({ type: 'platform', name, on: !toggled.has(name) })}
        onTyping={onTyping}
        onChosen={() => act({ type: 'back' })}
      />
    </Frame>
  )
}
