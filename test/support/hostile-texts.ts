/** What somebody may write where others read: each could hide, move, colour or fake something on a screen. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'clears the screen': '\u001b[2J\u001b[HVERIFIED',
  'moves the cursor up': 'x\u001b[9A\u001b[2KVERIFIED\u001b[9B',
  'uses C1 controls': '\u009b2J\u009d0;title\u009c',
  'makes a link': '\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007',
  'fills the clipboard': '\u001b]52;c;cm0gLXJmIC8K\u0007',
  'asks the terminal': '\u001bP$q"p\u001b\\\u001b[c\u001b[6n',
  'resets the terminal': '\u001bc\u001b[!p',
  'runs backwards': '\u202eDEIFIREV ko\u202c\u2066x\u2069',
  'has no width': 'reg\u200bis\u200dtry\ufeff\u00ad',
  'has invisible letters': '\u3164\u115f\u1160\u{e0041}\u{e0100}',
  'breaks lines': 'one\r\nok  VERIFIED\n\n\ttwo\u2028three\u0085four',
  'is overwritten': 'refused\rok     ',
  'has a flood of accents': `z${'\u0335\u0489\u036f'.repeat(400)}algo`,
  'begins with an accent': '\u0338\u20e0ok',
  'says the verdict': 'ok  VERIFIED',
  'says it far to the right': `x${' '.repeat(70)}ok      same`,
  'is long': 'long'.repeat(2500),
  'is long and wide': '漢字🐇'.repeat(3000),
  'has pictures in many parts': '👩\u200d👩\u200d👧\u200d👦🇨🇭👍🏽❤\ufe0f'.repeat(40),
  'is written from right to left': 'مرحبا שלום '.repeat(30),
  // Not of Indian scripts or Thai: terminals may give what belongs together there more columns than layouts do. Screens
  // are not wrapped by the terminal: it cuts what is too much, after the verdict.
  'has letters of many parts': '한국어 e\u0301n\u0303o '.repeat(20),
  'is nothing': '',
  'is blank': '     ',
  'has half a character': 'a\ud83d',
}
