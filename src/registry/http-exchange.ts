import type { Dispatcher } from 'undici'
import { AnswerBody } from './answer-body.js'
import { networkFault } from './network-fault.js'
import { onAbort } from './on-abort.js'
import type { RequestBody } from './request-body.js'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: RequestBody
  readonly signal: AbortSignal
  /** How long the answer may take to begin, once the body is sent. */
  readonly headersMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: AnswerBody
  /** Where the answer came from: what a relative `Location` is relative to. */
  readonly url: URL
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The headers of an answer; names are given in lower case. */
class AnswerHeaders {
  readonly #raw: RawHeaders

  constructor(raw: RawHeaders) {
    this.#raw = raw
  }

  /** Every value as it was sent. */
  all(name: string): readonly string[] {
    const value = Object.hasOwn(this.#raw, name) ? this.#raw[name] : undefined
    return value === undefined ? [] : [value].flat()
  }

  /** One value; a header that came twice is joined, so that no grammar for a single value accepts it. */
  get(name: string): string | undefined {
    const values = this.all(name)
    return values.length === 0 ? undefined : values.join(', ')
  }
}

interface Outcome {
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
  /** origins that have answered something */
  readonly answered: Set<string>
}

/** One request and its answer, as undici reports them. Its promise is settled when the headers are there. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest
  readonly #outcome: Outcome
  /** stops listening to the signal */
  readonly #release: () => void
  #controller: Dispatcher.DispatchController | undefined
  #body: AnswerBody | undefined
  #stop: { readonly reason: unknown } | undefined

  constructor(request: HttpRequest, outcome: Outcome) {
    this.#request = request
    this.#outcome = outcome
    this.#release = onAbort(request.signal, () => this.abort(request.signal.reason))
  }

  /** Ends the request; whoever waits for it gets `reason` as it is. */
  readonly abort = (reason: unknown): void => {
    this.#stop ??= { reason }
    this.#controller?.abort(asError(reason))
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#stop !== undefined) controller.abort(asError(this.#stop.reason))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.#outcome.answered.add(this.#request.url.origin)
    this.#body = new AnswerBody({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: () => {
        this.#release()
        controller.abort(new Error('the rest of the answer is not wanted'))
      },
    })
    this.#outcome.resolve({ status, headers: new AnswerHeaders(headers), body: this.#body, url: this.#request.url })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body?.push(chunk)
  }

  onResponseEnd(): void {
    this.#release()
    this.#body?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const answered = this.#outcome.answered.has(this.#request.url.origin)
    this.#fail(this.#stop === undefined ? networkFault(error, answered) : this.#stop.reason)
  }

  #fail(reason: unknown): void {
    this.#release()
    if (this.#body === undefined) this.#outcome.reject(reason)
    else this.#body.fail(reason)
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was given up')
}
