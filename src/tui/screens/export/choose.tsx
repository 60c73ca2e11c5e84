import { Text } from 'ink'
import { useCallback, useLayoutEffect, useReducer, useRef, useState } from 'react'
import { Frame } from '../../components/frame.js'
import type { Estimate, Machine } from '../../means.js'
import { useKeys } from '../../use-keys.js'
import type { ScreenProps } from '../screen.js'
import { useMachine } from '../use-machine.js'
import { Repositories, Tags } from './browse.js'
import { choiceOf, exportForm, filledIn } from './form.js'
import { Options, Platforms } from './options.js'
import { Sources, TypedName } from './sources.js'
import { useAsked } from './use-asked.js'

/** What goes into a bundle. Nothing is written before all of it is said. */
export function ChooseExport(props: ScreenProps) {
  const { machine, fault } = useMachine(props.means)
  if (machine !== undefined) return <Form {...props} machine={machine} />
  return (
    <Frame title="Export" places={['everywhere']}>
      <Text>{fault ?? 'Looking at what is configured here …'}</Text>
    </Frame>
  )
}

function Form(props: ScreenProps & { readonly machine: Machine }) {
  const { means, machine, onOver } = props
  const [typing, setTyping] = useState(false)
  // A key that the command line named signs as well as one of this machine.
  const keys = machine.keys !== undefined || means.given?.export?.sign === true
  const [form, act] = useReducer(filledIn, { ...(props.state.filled.export ?? means.given?.export), keys }, exportForm)
  const { view } = form
  const choice = { ...choiceOf(form), output: '', allowUnknownReferrers: true }
  const begun = view === 'options' || view === 'platforms'
  const key = begun ? JSON.stringify([choice.sources, choice.platforms]) : ''
  const estimate = useAsked<Estimate>(key, (signal) =>
    means.exporting.estimate(choice, { signal, emit: () => {}, ready: async () => {} }),
  )
  // With some platforms chosen only those are seen: what was there before stays to choose from.
  const seen = useRef<readonly string[]>([])
  seen.current = [...new Set([...seen.current, ...(estimate.found?.platforms ?? [])])]
  const found = estimate.found === undefined ? {} : { found: { ...estimate.found, platforms: seen.current } }
  const inner = view !== 'sources'
  useLayoutEffect(() => {
    onOver(inner)
    return () => onOver(false)
  }, [onOver, inner])
  useKeys({
    places: ['everywhere'],
    active: !typing && (view === 'repositories' || view === 'tags' || view === 'platforms'),
    on: (command) => (command === 'back' ? act({ type: 'back' }) : undefined),
  })
  const onTyping = useCallback(
    (on: boolean): void => {
      setTyping(on)
      props.onTyping(on)
    },
    [props.onTyping],
  )
  const given = { ...props, onTyping, form, act, estimate: { ...estimate, ...found } }
  switch (view) {
    case 'sources':
      return <Sources {...given} />
    case 'type':
    case 'registry':
      return <TypedName key={view} {...given} registry={machine.registry} />
    case 'repositories':
      return <Repositories {...given} />
    case 'tags':
      return <Tags {...given} />
    case 'platforms':
      return <Platforms {...given} />
    case 'options':
      return <Options {...given} />
  }
}
