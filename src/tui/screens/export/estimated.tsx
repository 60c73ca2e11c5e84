import { Box, Text } from 'ink'
import { amount } from '../../../encoding/amount.js'
import { counted } from '../../../encoding/counted.js'
import { Lines } from '../../components/lines.js'
import type { Estimate } from '../../means.js'
import type { Asked } from './use-asked.js'

/** What would be carried, as far as manifests tell. */
export function Estimated({ found, fault }: Asked<Estimate>) {
  return (
    <Box flexDirection="column" flexShrink={0} marginTop={1}>
      {fault !== undefined ? <Text>{fault}</Text> : null}
      {fault === undefined && found === undefined ? <Text dimColor>Estimate: reading manifests …</Text> : null}
      {found === undefined ? null : <Lines lines={estimateLines(found)} />}
    </Box>
  )
}

/** The estimate in words, the most important first. */
export function estimateLines(found: Estimate): readonly string[] {
  const { artifacts, blobs, bytes, signatures, documents, unknown } = found
  return [
    `Estimate: ${amount(bytes)} in ${counted(blobs, 'blob')}, of ${counted(artifacts, 'artifact')}`,
    `  with ${counted(signatures, 'signature')} and ${counted(documents, 'document')}`,
    ...(unknown.length === 0
      ? []
      : [`  ${counted(unknown.length, 'subject')} of which no registry says what hangs on it: ${unknown[0] ?? ''}`]),
  ]
}
