import { Text } from 'ink'
import { useLayoutEffect, useState } from 'react'
import { printable } from '../../../encoding/printable.js'
import { FieldRow } from '../../components/field-row.js'
import { Frame } from '../../components/frame.js'
import { PickList } from '../../components/pick-list.js'
import { TextField } from '../../components/text-field.js'
import { useSize } from '../../components/use-size.js'
import { useKeys } from '../../use-keys.js'
import type { BrowseProps } from './browse.js'

const BROWSE = '+browse'
const TYPE = '+type'
const GO = '+go'

/** What is carried: it can be added to, and taken out again. */
export function Sources({ form, act, onTyping }: BrowseProps) {
  const { rows } = useSize()
  const { sources } = form
  const picks = [
    ...(sources.length === 0 ? [] : [{ value: GO, label: 'Go on: platforms, and the file' }]),
    { value: BROWSE, label: 'Add: browse a registry' },
    { value: TYPE, label: 'Add: type a name' },
    ...sources.map((value) => ({ value, label: `Take out: ${printable(value)}` })),
  ]
  const choose = (value: string): void => {
    if (value === GO) act({ type: 'went', view: 'options' })
    else if (value === BROWSE) act({ type: 'went', view: 'registry' })
    else if (value === TYPE) act({ type: 'went', view: 'type' })
    else act({ type: 'source', name: value, on: false })
  }
  return (
    <Frame title="Export: what is carried?" places={['list', 'everywhere']}>
      <Text>{sources.length === 0 ? 'Nothing is chosen yet.' : `${sources.length} chosen:`}</Text>
      {/* Another list, with its cursor at its beginning, when something has been added. */}
      <PickList key={sources.length} picks={picks} rows={Math.max(2, rows - 4)} onTyping={onTyping} onChosen={choose} />
    </Frame>
  )
}

/** A registry, or the name of an artifact, that is typed. */
export function TypedName({
  means,
  form,
  act,
  onTyping,
  registry,
}: BrowseProps & { readonly registry?: string | undefined }) {
  const [text, setText] = useState('')
  const field = form.view === 'registry' ? 'registry' : 'source'
  useLayoutEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  useKeys({ places: ['form'], on: (command) => (command === 'leave' ? act({ type: 'back' }) : undefined) })
  const submit = async (typed: string): Promise<void> => {
    const name = typed.trim()
    const problem = await means.exporting.check(field, name)
    if (problem !== undefined) act({ type: 'problem', text: problem })
    else if (field === 'registry') act({ type: 'browsed', registry: name })
    else {
      act({ type: 'source', name, on: true })
      act({ type: 'went', view: 'sources' })
    }
  }
  const hint = field === 'registry' ? 'HOST[:PORT]' : 'HOST/NAME:TAG, HOST/NAME@DIGEST, oci:DIR, oci-archive:FILE'
  return (
    <Frame title={field === 'registry' ? 'Export: which registry?' : 'Export: which artifact?'} places={['form']}>
      <FieldRow label={field === 'registry' ? 'Registry' : 'Name'} here hint={hint} problem={form.problem}>
        <TextField
          active
          value={text}
          suggestion={field === 'registry' ? registry : undefined}
          onChange={setText}
          onSubmit={(typed) => void submit(typed)}
        />
      </FieldRow>
    </Frame>
  )
}
