import { Box, Text } from 'ink'
import { type Dispatch, type ReactNode, useLayoutEffect, useReducer } from 'react'
import { printable } from '../../../encoding/printable.js'
import { FieldRow, type FieldRowProps } from '../../components/field-row.js'
import { FileList } from '../../components/file-list.js'
import { Frame } from '../../components/frame.js'
import { SameCommand } from '../../components/same-command.js'
import { TextField } from '../../components/text-field.js'
import { useSize } from '../../components/use-size.js'
import type { ImportChoice, Machine } from '../../means.js'
import { useKeys } from '../../use-keys.js'
import type { ScreenProps } from '../screen.js'
import {
  type ChooseAction,
  type ChooseField,
  type ChooseForm,
  checkable,
  choiceOf,
  chooseForm,
  chosen,
} from './choose-form.js'

export interface ChooseFieldsProps extends ScreenProps {
  readonly machine: Machine
}

/** The file list, then the target and what else matters, each told what is wrong with it before anything is done. */
export function ChooseFields(props: ChooseFieldsProps) {
  const { machine, means } = props
  const given = means.given?.import
  const keys = machine.keys !== undefined || given?.keys === true
  const [form, act] = useReducer(chosen, { ...(props.state.filled.import ?? given), keys }, chooseForm)
  const command = printable(means.importCommand(shownChoice(form), machine), 2000)
  if (form.at === 'path') return <Bundles {...{ ...props, form, act, command }} />
  return <Fields {...{ ...props, form, act, command }} />
}

interface FormProps extends ChooseFieldsProps {
  readonly form: ChooseForm
  readonly act: Dispatch<ChooseAction>
  readonly command: string
}

function Bundles({ means, machine, onTyping, form, act, command }: FormProps) {
  const { rows, columns } = useSize()
  const problem = form.problems.path
  const told = problem === undefined ? 0 : linesOf(problem, columns)
  const free = rows - 2 - 1 - told - 1 - linesOf(command, columns)
  const choose = async (path: string): Promise<void> => {
    const wrong = await means.checkImport('path', path)
    if (wrong === undefined) act({ type: 'chosen', path })
    else act({ type: 'checked', field: 'path', problem: wrong })
  }
  return (
    <Frame title="Import: which bundle?" places={['list', 'form', 'everywhere']}>
      {problem === undefined ? null : <Text>{problem}</Text>}
      <FileList
        means={means}
        folder={machine.folder}
        kinds={['bundle']}
        rows={Math.max(4, free)}
        onTyping={onTyping}
        onChosen={(path) => void choose(path)}
      />
      <Box flexGrow={1} />
      <SameCommand command={command} />
    </Frame>
  )
}

function Fields({ means, machine, work, session, onTyping, form, act, command }: FormProps) {
  const { at, keys } = form
  useLayoutEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  const check = async (field: keyof ImportChoice, text: string): Promise<boolean> => {
    const problem = await means.checkImport(field, text)
    act({ type: 'checked', field, problem })
    return problem === undefined
  }
  const submit = async (field: 'to' | 'receipt', text: string): Promise<void> => {
    if (text === '' && field === 'receipt') act({ type: 'went', by: 1 })
    else if (await check(field, text)) act({ type: 'went', by: 1 })
  }
  const start = async (): Promise<void> => {
    for (const [field, text] of checkable(form)) {
      if (await check(field, text)) continue
      act({ type: 'went-to', field })
      return
    }
    work.importBundle(choiceOf(form))
  }
  useKeys({
    places: ['form'],
    on(command) {
      if (command === 'next-field') act({ type: 'went', by: 1 })
      else if (command === 'previous-field') act({ type: 'went', by: -1 })
      else if (command === 'leave') act({ type: 'went-to', field: 'path' })
    },
  })
  useKeys({
    places: ['option', 'list', 'everywhere'],
    active: at === 'countersign' || at === 'start',
    on(command) {
      if (command === 'choose' && at === 'start') void start()
      else if (command === 'choose') act({ type: 'went', by: 1 })
      else if (command === 'toggle' && at === 'countersign') act({ type: 'toggled' })
      else if (command === 'up') act({ type: 'went', by: -1 })
      else if (command === 'down') act({ type: 'went', by: 1 })
      else if (command === 'help') session.tell({ type: 'help', shown: true })
    },
  })
  const field = (name: 'to' | 'receipt', suggestion?: string): ReactNode => (
    <TextField
      active={at === name}
      value={form[name]}
      suggestion={suggestion}
      onChange={(text) => act({ type: 'typed', field: name, text })}
      onSubmit={(text) => void submit(name, text)}
    />
  )
  return (
    <Frame title="Import: where to?" places={at === 'countersign' ? ['option', 'form'] : ['form']}>
      <Row label="Bundle" field="path" form={form}>
        <Text wrap="truncate-start">{printable(form.path, 1000)}</Text>
      </Row>
      <Row label="Target" field="to" form={form} hint="HOST[:PORT][/PREFIX]">
        {field('to', machine.registry)}
      </Row>
      {keys ? (
        <Row label="Receipt" field="receipt" form={form} hint="a new file; leave it empty for none">
          {field('receipt')}
        </Row>
      ) : null}
      {keys ? (
        <Row label="Countersign" field="countersign" form={form} hint="your signature on all that is loaded">
          <Text>{form.countersign ? '[x] yes' : '[ ] no'}</Text>
        </Row>
      ) : null}
      <Row label="Verify" field="start" form={form} hint="nothing is written before you have said so">
        <Text wrap="truncate">{at === 'start' ? 'Enter: verify the bundle' : ''}</Text>
      </Row>
      <Box flexGrow={1} />
      <SameCommand command={command} />
    </Frame>
  )
}

/** One field of this form. */
function Row({
  field,
  form,
  ...row
}: Omit<FieldRowProps, 'here' | 'problem'> & { readonly field: ChooseField; readonly form: ChooseForm }) {
  return <FieldRow {...row} here={form.at === field} problem={form.problems[field]} />
}

/** What is not said yet stands in the command as its name does in the help. */
function shownChoice(form: ChooseForm): ImportChoice {
  const choice = choiceOf(form)
  return { ...choice, path: choice.path || 'BUNDLE', to: choice.to || 'TARGET' }
}

function linesOf(text: string, columns: number): number {
  return Math.ceil(text.length / Math.max(1, columns - 10))
}
