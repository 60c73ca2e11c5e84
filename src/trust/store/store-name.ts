/**
 * True for a name that a trust store can have: the specification's letters, digits, dots, underscores and hyphens, and a
 * name that leads nowhere else: `.` and `..` are within that grammar, and would leave the folder.
 */
export function isTrustStoreName(name: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,255}$/.test(name) && !/^\.{1,2}$/.test(name)
}
