import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileFault } from '../../content/file-bytes.js'
import { TransferError } from '../../errors.js'
import type { CommandContext, ExitCode } from '../context.js'
import { writeNewFile } from '../new-file.js'
import { POLICY_FILE } from '../policy.js'
import { POLICY_START } from '../policy-start.js'

/** `policy init [FILE]`: writes a policy that refuses everything, with what can be filled in as comments. */
export async function policyInit(named: string | undefined, context: CommandContext): Promise<ExitCode> {
  if (named === '') throw new TransferError('ERR_USAGE', 'the file has no name', { side: 'operator' })
  const { configDir } = context
  if (named === undefined) {
    await mkdir(configDir, { recursive: true }).catch((cause: unknown) => {
      throw fileFault(`cannot make the folder ${configDir}`, configDir, cause)
    })
  }
  const path = named ?? join(configDir, POLICY_FILE)
  await writeNewFile(path, Buffer.from(POLICY_START))
  context.print({ schema: 'waybill.policy.v1', path }, [
    `wrote ${path}`,
    'It refuses everything until you fill it in: take the first "# " off the lines that you need.',
    named === undefined
      ? 'From now on `waybill import` asks it each time.'
      : `Use it with: waybill import FILE --to TARGET --policy ${path}`,
  ])
  return 0
}
