import { useEffect, useRef } from 'react'
import type { Sample } from '../../means.js'
import type { StepProps } from './step.js'
import { StepForm } from './step-form.js'

/** Makes a release to try everything with, and tells the fingerprint that its exporter would tell by telephone. */
export function SampleStep({
  means,
  machine,
  onTyping,
  onOver,
  onLeave,
  onMade,
}: StepProps & { readonly onMade: (sample: Sample) => void }) {
  const { firstSteps } = means
  const stop = useRef(new AbortController())
  useEffect(() => {
    const { current } = stop
    return () => current.abort()
  }, [])
  const make = async (folder: string) => {
    const given = { emit: () => {}, signal: stop.current.signal, ready: async () => {} }
    const made = await firstSteps.makeSample(folder, given)
    onMade(made)
    return {
      headline: `MADE the sample. Its exporter tells you: ${made.fingerprint.slice(0, 19)}`,
      lines: made.lines,
      next: ['Note down these first four groups: step 3, Trust, asks for them.'],
    }
  }
  return (
    <StepForm
      title="First steps: a sample"
      introduction={[
        'A small signed release, made here without any network: two platforms, an SBOM, signatures.',
        'In which folder? Nothing is written over.',
      ]}
      fields={[{ name: 'folder', label: 'Folder', suggestion: machine.folder }]}
      deed="make it"
      command={({ folder = '' }) => firstSteps.makeSampleCommand(folder)}
      act={({ folder = '' }) => make(folder)}
      {...{ onTyping, onOver, onLeave, onBack: onLeave }}
    />
  )
}
