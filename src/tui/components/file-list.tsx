import { Box, Text } from 'ink'
import { useEffect, useRef, useState } from 'react'
import { amount } from '../../encoding/amount.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { FolderEntry, Means } from '../means.js'
import { AT_START } from '../scroll.js'
import { ACCENT } from '../theme.js'
import { useCursor } from '../use-cursor.js'
import { useKeys } from '../use-keys.js'
import { inOrder } from './file-order.js'
import { TextField } from './text-field.js'

export interface FileListProps {
  readonly means: Pick<Means, 'list'>
  /** where it begins */
  readonly folder: string
  /** what is looked for: it stands first. Everything can be chosen, since a name says little. */
  readonly kinds: readonly FolderEntry['kind'][]
  /** rows of the screen that it may take, at least 4 */
  readonly rows: number
  /** false while something else has the keys */
  readonly active?: boolean
  readonly onTyping: (typing: boolean) => void
  /** a file, or a path that was typed and is no folder */
  readonly onChosen: (path: string) => void
}

interface Listed {
  readonly folder: string
  /** undefined while it is read */
  readonly entries?: readonly FolderEntry[]
  /** why there is none */
  readonly fault?: string
}

/** The files of a folder, folders to go into, and a field for a path that is typed. */
export function FileList({ means, folder: start, kinds, rows, active = true, onTyping, onChosen }: FileListProps) {
  const [folder, setFolder] = useState(start)
  const [typing, setTyping] = useState(false)
  const [text, setText] = useState('')
  const { entries = NONE, fault } = useListed(means, folder)
  // While it is read there is nothing to choose: who is quick would go up.
  const shown = entries === NONE && fault === undefined ? [] : inOrder(entries, { folder, kinds })
  const extent = { count: shown.length, rows: Math.max(1, rows - 3) }
  const { cursor, now, move, set } = useCursor(extent)
  const { at, top } = cursor
  // The next key can come before the next picture: it must not choose what is no longer there.
  const choices = useRef(shown)
  choices.current = shown
  const type = (on: boolean): void => {
    setTyping(on)
    onTyping(on)
  }
  const enter = (path: string): void => {
    choices.current = []
    setFolder(path)
    set(AT_START)
  }
  const choose = (entry: FolderEntry | undefined): void => {
    if (entry?.kind === 'folder') enter(entry.path)
    else if (entry !== undefined) onChosen(entry.path)
  }
  const submit = (typed: string): void => {
    const path = typed.trim()
    type(false)
    setText('')
    if (path === '') return
    means.list(path).then(
      () => enter(path),
      () => onChosen(path),
    )
  }
  useKeys({
    places: ['list', 'form'],
    active: active && !typing,
    on(command) {
      if (command === 'choose') choose(choices.current[now().at])
      else if (command === 'next-field') type(true)
      else move(command)
    },
  })
  useKeys({ places: ['form'], active: active && typing, on: () => type(false) })
  return (
    <Box flexDirection="column">
      <Text wrap="truncate-start" dimColor>
        {printable(folder, 1000)}
      </Text>
      {fault !== undefined && <Text wrap="truncate">{fault}</Text>}
      {shown.slice(top, top + extent.rows).map((entry, line) => (
        <Line key={entry.path} entry={entry} chosen={!typing && top + line === at} />
      ))}
      <Box>
        <Text>{typing ? 'Path: ' : `${countWords(entries, fault)}; Tab: type a path`}</Text>
        {typing && <TextField value={text} onChange={setText} onSubmit={submit} active={active} />}
      </Box>
    </Box>
  )
}

const NONE: readonly FolderEntry[] = []

function countWords(entries: readonly FolderEntry[], fault: string | undefined): string {
  if (entries === NONE) return fault === undefined ? 'reading the folder …' : 'nothing to see here'
  const { length } = entries
  return length < LIMITS.listedEntries ? `${length} in this folder` : `the first ${length} of this folder`
}

const KINDS: Readonly<Record<FolderEntry['kind'], string>> = {
  folder: 'folder',
  bundle: 'bundle',
  receipt: 'receipt',
  certificate: 'cert',
  other: '',
}

function Line({ entry, chosen }: { readonly entry: FolderEntry; readonly chosen: boolean }) {
  const { kind, name, size } = entry
  const facts = `${KINDS[kind].padEnd(8)}${kind === 'folder' ? ''.padStart(11) : amount(size).padStart(11)}`
  return (
    <Text wrap="truncate" bold={chosen} {...(chosen ? { color: ACCENT } : {})}>
      {`${chosen ? '›' : ' '} ${facts}  ${printable(name)}`}
    </Text>
  )
}

function useListed({ list }: Pick<Means, 'list'>, folder: string): Listed {
  const [listed, setListed] = useState<Listed>({ folder })
  useEffect(() => {
    let left = false
    const tell = (found: Omit<Listed, 'folder'>): void => {
      if (!left) setListed({ folder, ...found })
    }
    list(folder).then(
      (entries) => tell({ entries }),
      (cause: unknown) => tell({ fault: faultLine(cause) }),
    )
    return () => {
      left = true
    }
  }, [list, folder])
  return listed.folder === folder ? listed : { folder }
}

function faultLine(cause: unknown): string {
  return cause instanceof TransferError ? `${cause.code}: ${printable(cause.message)}` : printable(String(cause))
}
