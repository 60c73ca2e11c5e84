import type { Seen } from './told.js'

/** What varies from run to run, made the same without another length: lines stay where they are. */
export function steady(folder: string): (text: string) => string {
  const random = folder.slice(-6)
  return (text) =>
    text
      .replaceAll(random, 'sample')
      .replace(/127\.0\.0\.1:\d{5}/g, '127.0.0.1:50000')
      .replace(/127\.0\.0\.1:\d{3}…/g, '127.0.0.1:500…')
      .replace(/[0-9A-F]{4}(?: [0-9A-F]{4}){3,}/g, (groups) => groups.replace(/[0-9A-F]/g, 'A'))
      .replace(/(?:[0-9A-F]{2}:){4,}[0-9A-F]{0,2}/g, (pairs) => pairs.replace(/[0-9A-F]/g, 'A'))
      .replace(/[0-9a-f]{12,}/g, (digest) => '0'.repeat(digest.length))
}

/** The screens of a run as a document: each with what was pressed on it. */
export function transcript(seen: readonly Seen[], words: (text: string) => string): string {
  const blocks = seen.flatMap(({ told: { title, named }, screen }) => [
    ...(title === undefined ? [] : [`## ${title}`, '']),
    '```text',
    ...words(screen.join('\n').trimEnd()).split('\n'),
    '```',
    '',
    ...(named === '' ? [] : [`Pressed: ${named}.`, '']),
  ])
  return [
    '# The screens, from nothing to a loaded release',
    '',
    'What somebody sees who has installed Waybill, has nothing configured, and reads only the screen, at 80×24. The file is',
    'written by `npm run screens` from a real run in a terminal; the run is a test (`test/pty/new-user.test.ts`). Digests,',
    'fingerprints, ports and the random part of the folder are made the same in every run.',
    '',
    ...blocks,
  ]
    .join('\n')
    .replace(/\n+$/, '\n')
}

/** What does not vary in a transcript: headings, titles of screens, and what was pressed. */
export function outline(document: string): readonly string[] {
  const lines = document.split('\n')
  return lines.filter((line) => /^(?:## |Pressed: |Waybill · )/.test(line))
}
