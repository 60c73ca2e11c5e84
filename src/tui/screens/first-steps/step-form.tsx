import { Box, Text } from 'ink'
import { useEffect, useReducer, useRef, useState } from 'react'
import { EndPane } from '../../components/end-pane.js'
import { FieldRow } from '../../components/field-row.js'
import { Frame } from '../../components/frame.js'
import { Lines } from '../../components/lines.js'
import { SameCommand } from '../../components/same-command.js'
import { TextField } from '../../components/text-field.js'
import { useSize } from '../../components/use-size.js'
import type { WorkEnd } from '../../means.js'
import { useKeys } from '../../use-keys.js'
import { endOfFault } from '../../work.js'
import { markedLines } from '../../wrap-lines.js'
import { filled, type StepField, type StepValues, startForm, stepped } from './step-fields.js'

export interface StepFormProps {
  readonly title: string
  /** printable */
  readonly introduction: readonly string[]
  readonly fields: readonly StepField[]
  /** what Enter does in the last field: `make it` */
  readonly deed: string
  readonly command: (values: StepValues) => string
  /** Does it. What it throws is shown, and nothing is left. */
  readonly act: (values: StepValues) => Promise<Pick<WorkEnd, 'headline' | 'lines' | 'next'>>
  readonly onTyping: (typing: boolean) => void
  readonly onOver: (over: boolean) => void
  /** Esc, before anything is done */
  readonly onBack: () => void
  /** when it is done and has been read */
  readonly onLeave: () => void
}

/** One step: a few fields, the command that does the same, and then what came of it. */
export function StepForm(props: StepFormProps) {
  const { title, introduction, fields, deed, command, act, onTyping, onOver, onBack, onLeave } = props
  const [form, tell] = useReducer(stepped, fields, startForm)
  const [end, setEnd] = useState<WorkEnd>()
  const { columns } = useSize()
  const busy = useRef(false)
  const left = useRef(false)
  useEffect(() => {
    left.current = false
    return () => {
      left.current = true
    }
  }, [])
  useEffect(() => {
    onTyping(end === undefined)
    return () => onTyping(false)
  }, [onTyping, end])
  useKeys({
    places: ['form'],
    active: end === undefined,
    on(key) {
      if (key === 'leave') onBack()
      else if (key === 'next-field') tell({ type: 'went', by: 1 })
      else if (key === 'previous-field') tell({ type: 'went', by: -1 })
    },
  })
  const submit = (at: number, text: string): void => {
    tell({ type: 'typed', at, text })
    if (at < fields.length - 1) {
      tell({ type: 'went', by: 1 })
      return
    }
    // Enter is pressed twice by whoever is in a hurry.
    if (busy.current) return
    busy.current = true
    const values = filled(fields, { ...form.texts, [at]: text })
    tell({ type: 'begun' })
    act(values)
      .then((done) => {
        if (!left.current) setEnd({ exit: 0, good: true, command: command(values), ...done })
      })
      .catch((cause: unknown) => {
        const { headline, next } = endOfFault(cause)
        if (!left.current) tell({ type: 'failed', problem: [headline, ...next] })
      })
      .finally(() => {
        busy.current = false
      })
  }
  if (end !== undefined) return <EndPane {...{ title, end, onLeave, onOver, onTyping }} />
  return (
    <Frame title={title} places={['form']}>
      <Box flexDirection="column" flexShrink={0} marginBottom={1}>
        <Lines lines={introduction.flatMap((line) => markedLines(line, columns))} />
      </Box>
      {fields.map(({ label, suggestion }, at) => (
        <FieldRow key={label} label={label} here={form.at === at}>
          <TextField
            active={form.at === at}
            value={form.texts[at] ?? ''}
            suggestion={suggestion}
            onChange={(text) => tell({ type: 'typed', at, text })}
            onSubmit={(text) => submit(at, text)}
          />
        </FieldRow>
      ))}
      <Text dimColor wrap="truncate">
        {form.busy ? 'Working …' : `${''.padEnd(14)}Enter: ${form.at < fields.length - 1 ? 'go on' : deed}`}
      </Text>
      <Lines lines={(form.problem ?? []).flatMap((line) => markedLines(line, columns))} bold />
      <Box flexGrow={1} />
      <SameCommand command={command(filled(fields, form.texts))} />
    </Frame>
  )
}
