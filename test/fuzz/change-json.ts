import type { Edit } from './change.js'

type Node = { readonly holder: Record<string, unknown> | unknown[]; readonly key: string }

/** Changes one value of a JSON text, and leaves it JSON; bytes that are none stay as they are. */
export function changeJson(bytes: Uint8Array, edit: Edit): Uint8Array {
  let root: { value: unknown }
  try {
    root = { value: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown }
  } catch {
    return bytes
  }
  const nodes = nodesOf(root)
  const node = nodes[edit.at % nodes.length]
  if (node !== undefined) changeNode(node, edit, nodes)
  const text = JSON.stringify(root.value) ?? 'null'
  // A key twice, or a twin of it, can be written only in the text itself.
  return Buffer.from(edit.kind === 14 ? text.replace(/"(\w+)":/, '"$1":null,"$1":') : text)
}

function nodesOf(holder: Record<string, unknown> | unknown[]): Node[] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const below = typeof value === 'object' && value !== null ? nodesOf(value as Record<string, unknown>) : []
    return [{ holder, key }, ...below]
  })
}

const VALUES: readonly unknown[] = [null, true, 0, -1, 1e21, 2 ** 53, '', [], {}, '\u0000', '\ud800', 'x'.repeat(3000)]

function changeNode({ holder, key }: Node, { kind, length, bytes }: Edit, nodes: readonly Node[]): void {
  const values = holder as Record<string, unknown>
  const text = Buffer.from(bytes).toString('latin1')
  const other = nodes[length % nodes.length]
  switch (kind % 8) {
    case 0:
      values[key] = text
      break
    case 1:
      values[key] = VALUES[length % VALUES.length]
      break
    case 2:
      Array.isArray(holder) ? holder.splice(Number(key), 1) : delete values[key]
      break
    case 3:
      if (!Array.isArray(holder)) values[text] = values[key]
      else holder.push(...Array.from({ length: Math.min(length, 200) }, () => values[key]))
      break
    case 4:
      if (typeof values[key] === 'string') values[key] = `${values[key]}${text}`
      else values[key] = [values[key]]
      break
    case 5:
      if (typeof values[key] === 'string') values[key] = values[key].slice(0, -1)
      else values[key] = { [text]: values[key] }
      break
    case 6:
      if (!Array.isArray(holder)) values[key.toUpperCase()] = values[key]
      break
    default:
      values[key] = structuredClone((other?.holder as Record<string, unknown> | undefined)?.[other?.key ?? ''])
  }
}
