import { Text } from 'ink'
import { FileList } from '../../components/file-list.js'
import { Frame } from '../../components/frame.js'
import { useSize } from '../../components/use-size.js'
import type { ScreenProps } from '../screen.js'
import { useMachine } from '../use-machine.js'

export interface ChooseFileProps extends ScreenProps {
  /** where the last one was; else where the person stands */
  readonly folder: string | undefined
  readonly onChosen: (path: string) => void
}

/** Which file is looked at. */
export function ChooseFile({ means, folder, onTyping, onChosen }: ChooseFileProps) {
  const { machine, fault } = useMachine(means)
  const { rows } = useSize()
  const start = folder ?? machine?.folder
  return (
    <Frame title="Audit: choose a bundle or a receipt" places={['list', 'form', 'everywhere']}>
      {start === undefined ? (
        <Text>{fault ?? 'Looking at what is here …'}</Text>
      ) : (
        <FileList {...{ means, folder: start, onTyping, onChosen }} kinds={['bundle', 'receipt']} rows={rows - 2} />
      )}
    </Frame>
  )
}
