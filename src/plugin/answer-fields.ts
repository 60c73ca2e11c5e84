import { isJsonObject, type Json, type JsonObject } from '../encoding/strict-json.js'
import { pluginFailed } from './plugin-failure.js'

/** Reads the members of an answer, each of the type that the contract gives it. */
export class AnswerFields {
  readonly #plugin: string
  readonly #answer: JsonObject

  constructor(plugin: string, answer: JsonObject) {
    this.#plugin = plugin
    this.#answer = answer
  }

  /** A text that is not empty. */
  text(name: string): string {
    const value = this.#get(name)
    if (typeof value === 'string' && value !== '') return value
    throw pluginFailed(this.#plugin, `answers without a text as ${name}`)
  }

  texts(name: string): readonly string[] {
    const value = this.#get(name)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw pluginFailed(this.#plugin, `answers without a list of texts as ${name}`)
  }

  object(name: string): JsonObject {
    const value = this.#get(name)
    if (isJsonObject(value)) return value
    throw pluginFailed(this.#plugin, `answers without an object as ${name}`)
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined && this.#get(name) !== null
  }

  #get(name: string): Json | undefined {
    return Object.hasOwn(this.#answer, name) ? this.#answer[name] : undefined
  }
}
