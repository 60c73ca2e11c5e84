import { below, type StepProps } from './step.js'
import { StepForm } from './step-form.js'

/** Makes keys at the place where they are looked for. */
export function KeysStep({ means, machine, onTyping, onOver, onLeave }: StepProps) {
  const { firstSteps } = means
  const folder = below(machine.configDir, 'keys')
  return (
    <StepForm
      title="First steps: your keys"
      introduction={[
        machine.keys === undefined
          ? 'A signing key and its root certificate: bundles that you export, and receipts, are signed with it.'
          : 'These keys are here already. They are not written over: give another folder to make more.',
        'In whose name, and in which folder? Waybill looks for them in the folder that is suggested.',
      ]}
      fields={[
        { name: 'name', label: 'Name', suggestion: 'waybill-exporter' },
        { name: 'folder', label: 'Folder', suggestion: folder },
      ]}
      deed="make them"
      command={({ name = '', folder: dir = '' }) => firstSteps.makeKeysCommand(dir, name)}
      act={async ({ name = '', folder: dir = '' }) => ({
        headline: 'MADE your keys.',
        lines: (await firstSteps.makeKeys(dir, name)).lines,
        next: ['Keep signing.key to yourself. The other side needs ca.crt, and its fingerprint by another way.'],
      })}
      {...{ onTyping, onOver, onLeave, onBack: onLeave }}
    />
  )
}
