/** The same form, without `readonly`: what a schema's own type wants. */
export type Writable<T> = T extends string
  ? T
  : T extends readonly (infer Item)[]
    ? Writable<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Writable<T[Key]> }
      : T

/** A copy that whoever gets it may change. */
export function writable<T>(value: T): Writable<T> {
  return structuredClone(value) as Writable<T>
}
