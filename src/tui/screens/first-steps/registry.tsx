import { TransferError } from '../../../errors.js'
import { below, type StepProps } from './step.js'
import { StepForm } from './step-form.js'

const PORT = 5000

/** Starts a registry of our own as a target. It is reachable from this machine only, and ends with the program. */
export function RegistryStep({ means, machine, onTyping, onOver, onLeave }: StepProps) {
  const { firstSteps } = means
  const start = async (store: string, port: string) => {
    const { host, lines } = await firstSteps.startRegistry(store, portOf(port))
    return {
      headline: `STARTED a registry at ${host}`,
      lines,
      next: [`It runs until Waybill ends. Import suggests it as the target: ${host}`],
    }
  }
  return (
    <StepForm
      title="First steps: a registry"
      introduction={[
        'A registry on a folder, as a target: for this machine only, without a login, until Waybill ends.',
        'In which folder, and at which port? Port 0 picks a free one.',
        ...(machine.registry === undefined ? [] : [`One is running already: ${machine.registry}`]),
      ]}
      fields={[
        { name: 'store', label: 'Folder', suggestion: below(machine.folder, 'registry') },
        { name: 'port', label: 'Port', suggestion: String(PORT) },
      ]}
      deed="start it"
      command={({ store = '', port = '' }) => firstSteps.startRegistryCommand(store, Number(port) || 0)}
      act={({ store = '', port = '' }) => start(store, port)}
      {...{ onTyping, onOver, onLeave, onBack: onLeave }}
    />
  )
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port
  throw new TransferError('ERR_USAGE', 'a port is a number from 0 to 65535; 0 picks a free one', { side: 'operator' })
}
