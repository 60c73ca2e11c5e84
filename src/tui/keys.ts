/** Where keys count. `everywhere` holds on every screen where nobody is typing, `always` also while somebody types. */
export type KeyPlace =
  | 'always'
  | 'everywhere'
  | 'list'
  | 'tree'
  | 'review'
  | 'transfer'
  | 'form'
  | 'option'
  | 'names'
  | 'question'
  | 'pane'
  | 'opening'
  | 'audit'
  | 'end'

export type Command =
  | 'help'
  | 'back'
  | 'quit'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'choose'
  | 'search'
  | 'next-field'
  | 'previous-field'
  | 'leave'
  | 'next-hit'
  | 'previous-hit'
  | 'documents'
  | 'refuse'
  | 'approve'
  | 'load'
  | 'pause'
  | 'stop'
  | 'read'
  | 'again'
  | 'toggle'
  | 'yes'
  | 'no'
  | 'interrupt'
  | 'suspend'

export interface KeyBinding {
  /** as Ink names keys that are no character, else the character */
  readonly keys: readonly string[]
  readonly place: KeyPlace
  readonly command: Command
  /** for the help, and short for the line at the bottom */
  readonly help: string
  readonly short?: string
}

/** Every key of every screen: the help and the line at the bottom are made of this table, and no screen has keys beside it. */
export const KEYS: readonly KeyBinding[] = [
  { keys: ['ctrl-c'], place: 'always', command: 'interrupt', help: 'stop and leave; twice: at once' },
  { keys: ['ctrl-z'], place: 'always', command: 'suspend', help: 'to the shell; `fg` comes back' },
  { keys: ['?'], place: 'everywhere', command: 'help', help: 'show or hide this help', short: 'help' },
  { keys: ['escape', 'backspace'], place: 'everywhere', command: 'back', help: 'go back', short: 'back' },
  { keys: ['q'], place: 'everywhere', command: 'quit', help: 'leave, where nothing is running', short: 'quit' },
  { keys: ['upArrow', 'k'], place: 'list', command: 'up', help: 'one line up' },
  { keys: ['downArrow', 'j'], place: 'list', command: 'down', help: 'one line down' },
  { keys: ['pageUp', 'b'], place: 'list', command: 'page-up', help: 'one page up' },
  { keys: ['pageDown', 'f', ' '], place: 'list', command: 'page-down', help: 'one page down' },
  { keys: ['home', 'g'], place: 'list', command: 'first', help: 'to the first line' },
  { keys: ['end', 'G'], place: 'list', command: 'last', help: 'to the last line' },
  { keys: ['return'], place: 'list', command: 'choose', help: 'choose', short: 'choose' },
  { keys: ['rightArrow', 'l'], place: 'tree', command: 'open', help: 'open what is below', short: 'open' },
  { keys: ['leftArrow', 'h'], place: 'tree', command: 'close', help: 'close it, or go to what is above' },
  { keys: ['/'], place: 'tree', command: 'search', help: 'filter: only lines with this text', short: 'filter' },
  { keys: ['return'], place: 'tree', command: 'read', help: 'read the details, or the document', short: 'details' },
  { keys: ['r'], place: 'review', command: 'refuse', help: 'refuse this artifact, with a reason', short: 'refuse' },
  { keys: ['a'], place: 'review', command: 'approve', help: 'take a refusal of yours back', short: 'approve' },
  { keys: ['L'], place: 'review', command: 'load', help: 'load what is admitted', short: 'LOAD' },
  { keys: ['s'], place: 'review', command: 'stop', help: 'stop: nothing is loaded', short: 'stop' },
  { keys: ['p'], place: 'transfer', command: 'pause', help: 'pause, or go on', short: 'pause' },
  { keys: ['s'], place: 'transfer', command: 'stop', help: 'stop: what is there stays', short: 'stop' },
  { keys: ['tab'], place: 'form', command: 'next-field', help: 'to the next field', short: 'next field' },
  { keys: ['shift-tab'], place: 'form', command: 'previous-field', help: 'to the field before' },
  { keys: ['y'], place: 'question', command: 'yes', help: 'yes', short: 'yes' },
  { keys: ['n', 'return', 'escape'], place: 'question', command: 'no', help: 'no', short: 'no' },
  { keys: [' '], place: 'option', command: 'toggle', help: 'switch it on or off', short: 'on/off' },
  { keys: ['/'], place: 'names', command: 'search', help: 'only names with this text', short: 'filter' },
  { keys: ['return'], place: 'option', command: 'choose', help: 'take it, and go on', short: 'go on' },
  { keys: ['escape'], place: 'form', command: 'leave', help: 'leave the field as it is', short: 'back' },
  { keys: ['upArrow', 'k'], place: 'pane', command: 'up', help: 'one line up' },
  { keys: ['downArrow', 'j'], place: 'pane', command: 'down', help: 'one line down' },
  { keys: ['pageUp', 'b'], place: 'pane', command: 'page-up', help: 'one page up' },
  { keys: ['pageDown', 'f', ' '], place: 'pane', command: 'page-down', help: 'one page down', short: 'page down' },
  { keys: ['home', 'g'], place: 'pane', command: 'first', help: 'to the beginning' },
  { keys: ['end', 'G'], place: 'pane', command: 'last', help: 'to the end' },
  { keys: ['/'], place: 'pane', command: 'search', help: 'search a text', short: 'search' },
  { keys: ['n'], place: 'pane', command: 'next-hit', help: 'to the next line that has it', short: 'next' },
  { keys: ['N'], place: 'pane', command: 'previous-hit', help: 'to the one before' },
  { keys: ['s'], place: 'opening', command: 'stop', help: 'stop: nothing has been written', short: 'stop' },
  { keys: ['d'], place: 'audit', command: 'documents', help: 'all documents, to read one', short: 'documents' },
  { keys: ['return'], place: 'end', command: 'choose', help: 'leave this, and go on', short: 'go on' },
]

/** What a key means in one of these places; the first place counts most. */
export function commandOf(key: string, places: readonly KeyPlace[]): Command | undefined {
  for (const place of places) {
    const found = KEYS.find((one) => one.place === place && one.keys.includes(key))
    if (found !== undefined) return found.command
  }
  return undefined
}

/** A key as people read it. */
export function keyName(key: string): string {
  return KEY_NAMES[key] ?? key
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  'ctrl-c': 'Ctrl+C',
  'ctrl-z': 'Ctrl+Z',
  escape: 'Esc',
  backspace: 'Backspace',
  return: 'Enter',
  upArrow: '↑',
  downArrow: '↓',
  leftArrow: '←',
  rightArrow: '→',
  pageUp: 'PgUp',
  pageDown: 'PgDn',
  home: 'Home',
  end: 'End',
  tab: 'Tab',
  'shift-tab': 'Shift+Tab',
  ' ': 'Space',
}
