/** What Docker means by a name (distribution reference, "normalized named references"). */
export function fullDockerName(name: string): string {
  const [first = '', ...others] = name.split('/')
  const isHost = others.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const full = isHost ? name : `docker.io/${others.length === 0 ? 'library/' : ''}${name}`
  return /[:@][^/]*$/.test(full) ? full : `${full}:latest`
}
