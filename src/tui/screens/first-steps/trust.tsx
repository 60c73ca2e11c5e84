import { Text } from 'ink'
import { useEffect, useState } from 'react'
import { printable } from '../../../encoding/printable.js'
import { FileList } from '../../components/file-list.js'
import { Frame } from '../../components/frame.js'
import { useSize } from '../../components/use-size.js'
import type { Certificate } from '../../means.js'
import { useKeys } from '../../use-keys.js'
import { endOfFault } from '../../work.js'
import type { StepProps } from './step.js'
import { StepForm } from './step-form.js'

interface Chosen {
  readonly path: string
  readonly certificate: Certificate
}

/** Chooses a certificate, then asks for what its owner has told by another way. */
export function TrustStep(props: StepProps) {
  const [chosen, setChosen] = useState<Chosen>()
  if (chosen !== undefined) return <Compare {...props} {...chosen} onOther={() => setChosen(undefined)} />
  return <ChooseCertificate {...props} onChosen={setChosen} />
}

function ChooseCertificate({
  means,
  machine,
  onTyping,
  onOver,
  onLeave,
  onChosen,
}: StepProps & { readonly onChosen: (chosen: Chosen) => void }) {
  const { rows } = useSize()
  const [problem, setProblem] = useState<string>()
  const [typing, setTyping] = useState(false)
  useEffect(() => {
    onOver(true)
    return () => onOver(false)
  }, [onOver])
  useKeys({
    places: ['everywhere'],
    active: !typing,
    on: (command) => (command === 'back' ? onLeave() : undefined),
  })
  const choose = (path: string): void => {
    means.firstSteps.readCertificate(path).then(
      (certificate) => onChosen({ path, certificate }),
      (cause: unknown) => setProblem(endOfFault(cause).headline),
    )
  }
  return (
    <Frame title="First steps: trust an exporter" places={['list', 'form', 'everywhere']}>
      <Text wrap="truncate">Which certificate did the exporter give you?</Text>
      <FileList
        means={means}
        folder={machine.folder}
        kinds={['certificate']}
        rows={Math.max(4, rows - 2 - 1 - (problem === undefined ? 0 : 2))}
        onTyping={(on) => {
          setTyping(on)
          onTyping(on)
        }}
        onChosen={choose}
      />
      {problem === undefined ? null : <Text bold>{problem}</Text>}
    </Frame>
  )
}

/**
 * The fingerprint is typed, and never shown before it is: who reads it from the screen compares the file with itself, and
 * whoever has changed the file on its way is trusted.
 */
function Compare({
  means,
  path,
  certificate,
  onTyping,
  onOver,
  onLeave,
  onOther,
}: StepProps & Chosen & { readonly onOther: () => void }) {
  const { firstSteps } = means
  const trust = async (fingerprint: string) => ({
    headline: 'TRUSTED. What this exporter signs is let in from now on.',
    lines: (await firstSteps.trustExporter(path, fingerprint)).lines,
    next: ['Import verifies its bundles, and loads them.'],
  })
  return (
    <StepForm
      title="First steps: is it really theirs?"
      introduction={[
        printable(path, 500),
        // A subject is anybody's text: it stands behind a word of ours.
        `calls itself ${printable(certificate.subject, 300)}`,
        `valid from ${certificate.notBefore} to ${certificate.notAfter}`,
        'Type the first four groups of its fingerprint, as the exporter told you by telephone.',
        'Not told yet? Esc, and ask: a fingerprint that came with the file proves nothing.',
      ]}
      fields={[{ name: 'fingerprint', label: 'Fingerprint' }]}
      deed="compare, and trust it if they are the same"
      command={({ fingerprint = '' }) => firstSteps.trustExporterCommand(path, fingerprint || 'GROUPS')}
      act={({ fingerprint = '' }) => trust(fingerprint)}
      {...{ onTyping, onOver, onLeave, onBack: onOther }}
    />
  )
}
