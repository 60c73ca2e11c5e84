import { type ReactNode, useState } from 'react'
import type { Sample } from '../means.js'
import { KeysStep } from './first-steps/keys.js'
import { Menu } from './first-steps/menu.js'
import { RegistryStep } from './first-steps/registry.js'
import { SampleStep } from './first-steps/sample.js'
import type { StepName } from './first-steps/step.js'
import { TrustStep } from './first-steps/trust.js'
import type { ScreenProps } from './screen.js'
import { useMachine } from './use-machine.js'

/** First steps: what a machine without configuration needs, each on one screen with the command that does the same. */
export function FirstSteps(props: ScreenProps) {
  const [step, setStep] = useState<StepName>()
  const [sample, setSample] = useState<Sample>()
  // What is done is looked at anew whenever a step is left.
  const [visit, setVisit] = useState(0)
  const leave = (): void => {
    setStep(undefined)
    setVisit((count) => count + 1)
  }
  return <Visit key={visit} {...{ ...props, step, sample, onStep: setStep, onSample: setSample, onLeave: leave }} />
}

interface VisitProps extends ScreenProps {
  readonly step: StepName | undefined
  readonly sample: Sample | undefined
  readonly onStep: (step: StepName) => void
  readonly onSample: (sample: Sample) => void
  readonly onLeave: () => void
}

function Visit({ step, sample, onStep, onSample, onLeave, ...props }: VisitProps): ReactNode {
  const { machine, fault } = useMachine(props.means)
  const given = { ...props, onLeave }
  if (machine === undefined || step === undefined) return <Menu {...{ ...props, machine, fault, sample, onStep }} />
  switch (step) {
    case 'sample':
      return <SampleStep {...given} machine={machine} onMade={onSample} />
    case 'keys':
      return <KeysStep {...given} machine={machine} />
    case 'trust':
      return <TrustStep {...given} machine={machine} />
    case 'registry':
      return <RegistryStep {...given} machine={machine} />
  }
}
