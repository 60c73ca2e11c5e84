import { Box, Text } from 'ink'
import { amount } from '../../../encoding/amount.js'
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
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
  return [
    `Estimate: ${amount(bytes)} in ${count(blobs, 'blob')}, of ${count(artifacts, 'artifact')}`,
    `  with ${count(signatures, 'signature')} and ${count(documents, 'document')}`,
    ...(unknown.length === 0
      ? []
      : [`  ${count(unknown.length, 'subject')} of which no registry says what hangs on it: ${unknown[0] ?? ''}`]),
  ]
}
