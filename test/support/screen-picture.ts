import type { IBufferCell, Terminal } from '@xterm/headless'

const CELL = { width: 8.4, height: 18, font: 14 }
const EDGE = 12
const PAPER = '#1b1f24'
const INK = '#d7dce2'
/** the sixteen colours that a program may ask a terminal for */
const PALETTE = [
  ...['#3b4048', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#d7dce2'],
  ...['#8b949e', '#ffa198', '#aff5b4', '#f2cc60', '#a5d6ff', '#e2c5ff', '#b3f0ff', '#ffffff'],
]

/**
 * What a terminal shows, as an SVG: text, with its colours and weights, and nothing that runs.
 * @param words what varies from run to run, made the same; it must keep the length
 */
export function screenPicture(terminal: Terminal, words: (text: string) => string): string {
  const { active } = terminal.buffer
  const width = Math.ceil(terminal.cols * CELL.width + 2 * EDGE)
  const height = terminal.rows * CELL.height + 2 * EDGE
  const rows = Array.from({ length: terminal.rows }, (_, at) => {
    const line = active.getLine(active.viewportY + at)
    const cells = Array.from({ length: terminal.cols }, (__, x) => line?.getCell(x)).filter(
      (cell) => cell !== undefined,
    )
    return textOf(cells, EDGE + (at + 0.8) * CELL.height, words)
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(words(active.getLine(active.viewportY)?.translateToString(true) ?? ''))}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.font}" xml:space="preserve">`,
    ...rows.filter((row) => row !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** One text for each run of cells that look alike, so that every browser puts them below each other. */
function textOf(cells: readonly IBufferCell[], y: number, words: (text: string) => string): string {
  const runs: { style: string; text: string; x: number; columns: number }[] = []
  cells.forEach((cell, x) => {
    if (cell.getWidth() === 0) return
    const style = styleOf(cell)
    const last = runs.at(-1)
    const text = cell.getChars() || ' '
    if (last !== undefined && last.style === style) {
      last.text += text
      last.columns += cell.getWidth()
    } else runs.push({ style, text, x, columns: cell.getWidth() })
  })
  return runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ style, text, x, columns }) => {
      const place = `x="${round(EDGE + x * CELL.width)}" y="${round(y)}" textLength="${round(columns * CELL.width)}"`
      return `<text ${place} ${style}>${escaped(words(text))}</text>`
    })
    .join('\n')
}

function styleOf(cell: IBufferCell): string {
  const color = cell.isFgPalette() ? (PALETTE[cell.getFgColor()] ?? INK) : INK
  const bold = cell.isBold() ? ' font-weight="bold"' : ''
  const dim = cell.isDim() ? ' opacity="0.65"' : ''
  return `fill="${color}"${bold}${dim}`
}

function round(number: number): string {
  return String(Math.round(number * 100) / 100)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
