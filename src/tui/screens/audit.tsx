import { useState } from 'react'
import { EndPane } from '../components/end-pane.js'
import { folderAbove } from '../components/file-order.js'
import { ChooseFile } from './audit/choose-file.js'
import { Opened } from './audit/opened.js'
import { Opening } from './audit/opening.js'
import type { ScreenProps } from './screen.js'

/** Audit: choose a bundle or a receipt, see it verified, and walk through it. Nothing is written, and nobody is asked. */
export function Audit(props: ScreenProps) {
  const { state, work, onOver, onTyping } = props
  const { kind, phase, audit, end } = state.work
  const [folder, setFolder] = useState<string>()
  if (kind !== 'audit' || phase === 'idle') {
    const choose = (path: string): void => {
      setFolder(folderAbove(path))
      work.openAudit(path)
    }
    return <ChooseFile {...props} folder={folder} onChosen={choose} />
  }
  if (audit !== undefined) return <Opened {...props} audit={audit} />
  if (end !== undefined)
    return <EndPane title="Audit: NOT OPENED" end={end} onLeave={work.closeAudit} {...{ onOver, onTyping }} />
  return <Opening {...props} />
}
