import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'

const MAX_BYTES = LIMITS.receiptBytes + 2 * LIMITS.envelopeBytes

/**
 * The bytes of a receipt's file. One of a mirror of thousands is larger than what is otherwise read of a named file.
 * @throws ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function readReceiptFile(path: string): Promise<Uint8Array> {
  const fault = (cause: unknown): never => {
    throw fileFault(`cannot read ${path}`, path, cause)
  }
  // Without O_NONBLOCK the opening of a named pipe would wait for somebody to write to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(fault)
  try {
    const facts = await file.stat()
    if (!facts.isFile())
      throw new TransferError('ERR_MEDIUM', `${path} is not a file`, { side: 'operator', subject: path })
    if (facts.size > MAX_BYTES) {
      const message = `${path} is larger than any receipt`
      throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: path })
    }
    return await file.readFile().catch(fault)
  } finally {
    await file.close()
  }
}
