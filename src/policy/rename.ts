import type { RenameRule } from './import-policy.js'
import { matchesName } from './patterns.js'

/** What is renamed: a repository at its source, `HOST/NAME`, and a tag where it has one. */
export interface Renamable {
  readonly repository: string
  readonly tag?: string
}

/** The name at the target that the first rule for it gives, and the tag where the rule names one; undefined without a rule. */
export function renamed(
  one: Renamable,
  rules: readonly RenameRule[],
): { readonly name: string; readonly tag?: string } | undefined {
  const rule = rules.find(({ from }) => {
    const { repository, tag } = splitTag(from)
    return tag === undefined ? matchesName(repository, one.repository) : `${one.repository}:${one.tag ?? ''}` === from
  })
  if (rule === undefined) return undefined
  if (!rule.from.endsWith('/*')) {
    const { repository: name, tag } = splitTag(rule.to)
    return { name, ...(tag === undefined ? {} : { tag }) }
  }
  const rest = one.repository.slice(rule.from.length - 1)
  return { name: `${rule.to.slice(0, -1)}${rest}` }
}

/** `NAME:TAG` in its two parts; the colon of a port is no colon of a tag. */
export function splitTag(text: string): Renamable {
  const colon = text.lastIndexOf(':')
  if (colon <= text.lastIndexOf('/')) return { repository: text }
  return { repository: text.slice(0, colon), tag: text.slice(colon + 1) }
}
