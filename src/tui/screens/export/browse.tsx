import { Text } from 'ink'
import { type Dispatch, useMemo } from 'react'
import { counted } from '../../../encoding/counted.js'
import { printable } from '../../../encoding/printable.js'
import { Frame } from '../../components/frame.js'
import { PickList } from '../../components/pick-list.js'
import { useSize } from '../../components/use-size.js'
import type { ScreenProps } from '../screen.js'
import { type ExportAction, type ExportForm, newestFirst } from './form.js'
import { useAsked } from './use-asked.js'

export interface BrowseProps extends ScreenProps {
  readonly form: ExportForm
  readonly act: Dispatch<ExportAction>
}

/** The repositories of a registry, where it tells them. */
export function Repositories({ means, form, act, onTyping }: BrowseProps) {
  const { registry } = form
  const { rows } = useSize()
  const { found, fault } = useAsked(registry, (signal) => means.exporting.repositories(registry, { signal }))
  const picks = useMemo(() => (found ?? []).map((value) => ({ value, label: printable(value) })), [found])
  return (
    <Frame title={`Export: repositories of ${printable(registry)}`} places={['list', 'names', 'everywhere']}>
      <Said {...{ fault, count: found?.length, one: 'repository', many: 'repositories' }} />
      <PickList
        picks={picks}
        rows={Math.max(2, rows - 4)}
        onTyping={onTyping}
        onChosen={(name) => act({ type: 'opened', repository: `${registry}/${name}` })}
      />
    </Frame>
  )
}

/** The tags of a repository, of which several can be taken. */
export function Tags({ means, form, act, onTyping }: BrowseProps) {
  const { repository, sources } = form
  const { rows } = useSize()
  const { found, fault } = useAsked(repository, (signal) => means.exporting.tags(repository, { signal }))
  const picks = useMemo(() => newestFirst(found ?? []).map((value) => ({ value, label: printable(value) })), [found])
  const toggled = new Set(picks.map(({ value }) => value).filter((tag) => sources.includes(`${repository}:${tag}`)))
  const toggle = (tag: string): void => act({ type: 'source', name: `${repository}:${tag}`, on: !toggled.has(tag) })
  return (
    <Frame title={`Export: tags of ${printable(repository)}`} places={['option', 'names', 'everywhere']}>
      <Said {...{ fault, count: found?.length, one: 'tag', many: 'tags' }} />
      <PickList
        picks={picks}
        rows={Math.max(2, rows - 4)}
        toggled={toggled}
        onToggled={toggle}
        onTyping={onTyping}
        onChosen={(tag) => {
          if (toggled.size === 0) toggle(tag)
          act({ type: 'went', view: 'sources' })
        }}
      />
    </Frame>
  )
}

interface SaidProps {
  readonly fault: string | undefined
  readonly count: number | undefined
  readonly one: string
  readonly many: string
}

function Said({ fault, count, one, many }: SaidProps) {
  if (fault !== undefined) return <Text>{`${fault} Esc goes back; a name can be typed.`}</Text>
  return <Text dimColor>{count === undefined ? 'Asking the registry …' : counted(count, one, many)}</Text>
}
