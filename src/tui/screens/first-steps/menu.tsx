import { Box, Text } from 'ink'
import { counted } from '../../../encoding/counted.js'
import { printable } from '../../../encoding/printable.js'
import { Choices } from '../../components/choices.js'
import { Frame } from '../../components/frame.js'
import type { Machine, Sample } from '../../means.js'
import type { ScreenProps } from '../screen.js'
import type { StepName } from './step.js'

export interface MenuProps extends ScreenProps {
  readonly machine: Machine | undefined
  readonly fault: string | undefined
  readonly sample: Sample | undefined
  readonly onStep: (step: StepName) => void
}

/** Which step: the order is that in which somebody needs them who has nothing yet. */
export function Menu({ machine, fault, sample, session, onStep }: MenuProps) {
  const facts = machine === undefined ? undefined : factsOf(machine, sample)
  return (
    <Frame title="First steps" places={['list', 'everywhere']}>
      <Box marginBottom={1} flexShrink={0}>
        <Text>{fault ?? (facts === undefined ? 'Looking at what is configured here …' : INTRODUCTION)}</Text>
      </Box>
      {facts === undefined ? null : (
        <Choices
          choices={[
            ...STEPS.map(({ value, label }) => ({ value, label: `${label}  ${facts[value]}` })),
            { value: 'import', label: '  Import    then load a bundle into the registry' },
          ]}
          onChosen={(value) => {
            if (value !== 'import') return onStep(value)
            session.tell({ type: 'back' })
            session.tell({ type: 'opened', screen: 'import' })
          }}
        />
      )}
    </Frame>
  )
}

const INTRODUCTION = 'From top to bottom for a first try. Each step also shows its command.'

const STEPS: readonly { readonly value: StepName | 'import'; readonly label: string }[] = [
  { value: 'sample', label: '1 Sample  ' },
  { value: 'keys', label: '2 Keys    ' },
  { value: 'trust', label: '3 Trust   ' },
  { value: 'registry', label: '4 Registry' },
]

/** What is done, as words; else what the step is good for. */
function factsOf(machine: Machine, sample: Sample | undefined): Readonly<Record<StepName | 'import', string>> {
  const { keys, trusted, registry } = machine
  return {
    sample:
      sample === undefined ? 'a small signed release to try everything with' : `ok   ${printable(sample.bundle, 500)}`,
    keys: keys === undefined ? 'your own, to sign bundles and receipts' : `ok   ${printable(keys.key, 500)}`,
    trust: trusted === 0 ? 'say whose bundles are let in' : `ok   ${counted(trusted, 'exporter')}`,
    registry: registry === undefined ? 'a target on this machine' : `ok   ${registry} runs until Waybill ends`,
    import: '',
  }
}
