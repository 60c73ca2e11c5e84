import { unreachable } from '../errors.js'
import { deleteBlob, sendBlob } from './blob-requests.js'
import { answer, type Exchange } from './exchange.js'
import { listRepositories, listTags } from './list-requests.js'
import { deleteManifest, putManifest, sendManifest } from './manifest-requests.js'
import { listReferrers } from './referrer-requests.js'
import { Refusal } from './refusal.js'
import type { Route } from './routes.js'
import { appendUpload, cancelUpload, finishUpload, startUpload, uploadStatus } from './upload-requests.js'

type Work = () => Promise<void>

/** Answers a request. @throws Refusal 405, and what the work throws */
export async function dispatch(exchange: Exchange, route: Route): Promise<void> {
  const methods = methodsOf(exchange, route)
  const method = exchange.request.method ?? ''
  const work = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (work === undefined) {
    const headers = { Allow: Object.keys(methods).join(', ') }
    throw new Refusal(405, 'UNSUPPORTED', 'the method is not supported here', headers)
  }
  await work()
}

function methodsOf(exchange: Exchange, route: Route): Readonly<Record<string, Work>> {
  switch (route.kind) {
    case 'ping':
      return reading(async () => ping(exchange))
    case 'catalog':
      return reading(() => listRepositories(exchange))
    case 'tags':
      return reading(() => listTags(exchange, route.repository))
    case 'referrers':
      return reading(() => listReferrers(exchange, route.repository, route.digest))
    case 'manifest':
      return {
        ...reading(() => sendManifest(exchange, route.repository, route.selector)),
        PUT: () => putManifest(exchange, route.repository, route.selector),
        DELETE: () => deleteManifest(exchange, route.repository, route.selector),
      }
    case 'blob':
      return {
        ...reading(() => sendBlob(exchange, route.repository, route.digest)),
        DELETE: () => deleteBlob(exchange, route.repository, route.digest),
      }
    case 'uploads':
      return { POST: () => startUpload(exchange, route.repository) }
    case 'upload':
      return {
        GET: () => uploadStatus(exchange, route.repository, route.id),
        PATCH: () => appendUpload(exchange, route.repository, route.id),
        PUT: () => finishUpload(exchange, route.repository, route.id),
        DELETE: () => cancelUpload(exchange, route.repository, route.id),
      }
    default:
      return unreachable(route)
  }
}

function reading(work: Work): Record<string, Work> {
  return { GET: work, HEAD: work }
}

function ping(exchange: Exchange): void {
  answer(exchange.response, 200, { 'Content-Type': 'application/json' }, Buffer.from('{}'))
}
