// What the demo says, in lines. Colours only for people, and only where they want them.
const coloured = process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'

/** @param {number} code @param {string} text */
const paint = (code, text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text)
/** @param {string} text */
const write = (text) => process.stdout.write(`${text}\n`)

const PLACES = {
  connected: { name: 'connected side', colour: 36 },
  disk: { name: 'disk', colour: 33 },
  disconnected: { name: 'data centre', colour: 35 },
}
const MARGIN = '  '
const WIDTH = 100

export const screen = {
  /** @param {string} text */
  title: (text) => write(`${paint(1, text)}\n${'='.repeat(text.length)}`),

  /** A step of the story. @param {keyof typeof PLACES} place @param {string} text */
  step: (place, text) => write(`\n${paint(PLACES[place].colour, `[${PLACES[place].name}]`)} ${paint(1, text)}`),

  /** @param {string} text */
  say: (text) => write(`${MARGIN}${text}`),

  /** A fact that has been checked. @param {string} text */
  fact: (text) => write(`${MARGIN}${paint(32, 'ok')}  ${text}`),

  /** A command as one would type it. @param {readonly string[]} args */
  command: (args) => write(paint(1, wrapped(args))),

  /** What a command printed; what is not worth showing is marked. @param {string} text @param {RegExp} [show] */
  output: (text, show = /^/) => {
    const lines = text.split('\n').filter((line) => line !== '')
    const shown = lines.map((line) => (show.test(line) ? line : '…'))
    for (const line of shown.filter((line, at) => line !== '…' || shown[at - 1] !== '…')) {
      write(`${MARGIN}${paint(2, '|')} ${line}`)
    }
  },

  /** How a command that had to refuse ended. @param {string} text */
  refused: (text) => write(`${MARGIN}${paint(31, 'refused')}  ${text}`),
}

/** One option to a line where the whole is too long. @param {readonly string[]} args */
function wrapped(args) {
  const words = args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))
  const whole = `${MARGIN}$ waybill ${words.join(' ')}`
  return whole.length <= WIDTH ? whole : whole.replaceAll(' --', ` \\\n${MARGIN}    --`)
}

/** @param {string} digest */
export function short(digest) {
  return `${digest.slice(0, 19)}…`
}
