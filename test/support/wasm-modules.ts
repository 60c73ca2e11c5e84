/** A module of WebAssembly, written down byte by byte: what a compiler of policies would never make. */
export interface NamedModule {
  readonly name: string
  readonly bytes: Uint8Array
}

const HEAD = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const text = (word: string): readonly number[] => [word.length, ...Buffer.from(word)]
const section = (id: number, ...body: readonly number[]): readonly number[] => [id, body.length, ...body]
const moduleOf = (...sections: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...HEAD, ...sections.flat()])

const NO_ARGUMENTS = section(1, 1, 0x60, 0, 0)
const ONE_FUNCTION = section(3, 1, 0)
const START = section(8, 0)
/** `(import "env" "memory" (memory 2))` */
const IMPORTED_MEMORY = section(2, 1, ...text('env'), ...text('memory'), 2, 0, 2)
const LOOP = 0x03
const EMPTY_BLOCK = 0x40
const BRANCH = 0x0c
const DROP = 0x1a
const END = 0x0b

/** A body of the only function. */
const code = (...body: readonly number[]): readonly number[] => section(10, 1, body.length + 2, 0, ...body, END)
const constant = (value: number): readonly number[] => [0x41, value]
const abiVersion = (version: number): readonly (readonly number[])[] => [
  section(6, 1, 0x7f, 0, ...constant(version), END),
  section(7, 1, ...text('opa_wasm_abi_version'), 3, 0),
]

export const HOSTILE_MODULES: readonly NamedModule[] = [
  { name: 'nothing', bytes: new Uint8Array() },
  { name: 'no module', bytes: Buffer.from('package waybill\n\nallow := true\n') },
  { name: 'the first half of its head', bytes: Uint8Array.from(HEAD.slice(0, 4)) },
  { name: 'another version of WebAssembly', bytes: Uint8Array.from([...HEAD.slice(0, 4), 2, 0, 0, 0]) },
  { name: 'no sections', bytes: moduleOf() },
  { name: 'a section that is cut off', bytes: moduleOf([1, 100, 1]) },
  { name: 'a section without an end to its size', bytes: moduleOf([1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) },
  { name: 'no exports', bytes: moduleOf(IMPORTED_MEMORY) },
  { name: 'another version of the interface', bytes: moduleOf(IMPORTED_MEMORY, ...abiVersion(2)) },
  { name: 'the version and nothing else', bytes: moduleOf(IMPORTED_MEMORY, ...abiVersion(1)) },
  { name: 'an import that nobody has', bytes: moduleOf(section(2, 1, ...text('wasi'), ...text('x'), 2, 0, 1)) },
  { name: 'a memory of its own', bytes: moduleOf(section(5, 1, 0, 1)) },
  {
    name: 'no end of its start',
    bytes: moduleOf(NO_ARGUMENTS, ONE_FUNCTION, START, code(LOOP, EMPTY_BLOCK, BRANCH, 0, END)),
  },
  {
    name: 'no end of its memory',
    bytes: moduleOf(
      NO_ARGUMENTS,
      IMPORTED_MEMORY,
      ONE_FUNCTION,
      START,
      code(LOOP, EMPTY_BLOCK, ...constant(16), 0x40, 0, DROP, BRANCH, 0, END),
    ),
  },
  { name: 'a trap at its start', bytes: moduleOf(NO_ARGUMENTS, ONE_FUNCTION, START, code(0x00)) },
]
