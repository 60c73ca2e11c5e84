import { answerJson, type Exchange } from './exchange.js'
import { Refusal } from './refusal.js'

/** Names in one answer where the client does not say how many it wants, or wants more. */
const PAGE = 10_000

/** GET …/tags/list, in the order of bytes. */
export async function listTags(exchange: Exchange, repository: string): Promise<void> {
  const folder = exchange.store.repository(repository)
  if (!(await folder.exists())) throw new Refusal(404, 'NAME_UNKNOWN', 'there is no such repository')
  const { names, headers } = page(exchange, `/v2/${repository}/tags/list`, await folder.tags())
  answerJson(exchange.response, headers, { name: repository, tags: names })
}

/** GET /v2/_catalog: not in the specification any more, but expected by many tools. */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { names, headers } = page(exchange, '/v2/_catalog', await exchange.store.repositories())
  answerJson(exchange.response, headers, { repositories: names })
}

interface Page {
  readonly names: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

function page(exchange: Exchange, path: string, all: readonly string[]): Page {
  const limit = requireCount(exchange.query.get('n'))
  const after = exchange.query.get('last')
  const rest = after === null ? all : all.filter((name) => name > after)
  const names = rest.slice(0, limit)
  const last = names.at(-1)
  if (names.length === rest.length || last === undefined) return { names, headers: {} }
  return { names, headers: { Link: `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"` } }
}

/** A count from outside must not decide how much memory an answer takes. */
function requireCount(text: string | null): number {
  if (text === null) return PAGE
  if (!/^[0-9]{1,15}$/.test(text)) throw new Refusal(400, 'UNSUPPORTED', 'n is not a count')
  return Math.min(Number(text), PAGE)
}
