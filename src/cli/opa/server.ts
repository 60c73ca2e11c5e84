import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { askServer, ruleAddress } from '../../opa/ask-server.js'
import type { OpaRule } from '../../policy/import-policy.js'
import { isLoopbackName } from '../../registry/locality.js'
import { Secret } from '../../registry/secret.js'
import type { CommandContext, NetworkOptions } from '../context.js'
import { openDirectExchange } from '../web.js'
import type { OpenedLastWord } from './opened.js'

/**
 * A server, as the one who has the last word: the very address that the operator named, through no proxy, and without
 * following it elsewhere. Whoever can change the answer on its way decides what is loaded, so anything but this machine is
 * asked over TLS, unless plain HTTP was asked for in so many words.
 * @throws ERR_USAGE, ERR_CONFIG_INVALID, ERR_MEDIUM
 */
export async function serverLastWord(
  { url, path, tokenFile }: Extract<OpaRule, { by: 'server' }>,
  options: NetworkOptions,
  context: CommandContext,
): Promise<OpenedLastWord> {
  const address = ruleAddress(url, path)
  const safe = address.protocol === 'https:' || isLoopbackName(address.host)
  if (!safe && !context.plainHttp) {
    throw usage(`${address.origin} would be asked without encryption: write https://, or ask for it with --plain-http`)
  }
  if (!safe && tokenFile !== undefined) throw usage(`a token is not sent to ${address.origin} without encryption`)
  const authorization = tokenFile === undefined ? {} : { authorization: await readToken(tokenFile, context) }
  const web = await openDirectExchange(options, context.generator)
  const server = { url: address.href, ...authorization }
  return {
    asked: { lastWord: (input, { signal }) => askServer(server, input, { exchange: web.exchange, signal }) },
    close: () => web.close(),
  }
}

/** RFC 6750 2.1: the token as it stands in the header; on one line, alone. The file's text is in no message. */
async function readToken(path: string, { readFile }: Pick<CommandContext, 'readFile'>): Promise<Secret> {
  const bytes = await readFile(path)
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n$/, '')
  if (bytes.byteLength <= LIMITS.bearerTokenBytes && /^[A-Za-z0-9._~+/-]+=*$/.test(text))
    return new Secret(`Bearer ${text}`)
  throw new TransferError('ERR_CONFIG_INVALID', `${path} does not hold one bearer token on one line`, {
    side: 'operator',
    subject: path,
  })
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
