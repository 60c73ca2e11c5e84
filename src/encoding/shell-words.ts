/** A command as a person can paste it into a shell: words with anything unusual in them are quoted (POSIX.1 §2.2.2). */
export function shellWords(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

function quoted(word: string): string {
  if (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}
