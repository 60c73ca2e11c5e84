// What users would take instead, as command lines: from registries into tar files, and from those into a registry.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PEERS =
  process.env.WAYBILL_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'waybill-peers')

/** The pinned build of a tool, or the one on the PATH. */
export const peer = (name) => (existsSync(join(PEERS, 'bin', name)) ? join(PEERS, 'bin', name) : name)
export const WAYBILL = [process.execPath, new URL('../dist/cli/main.js', import.meta.url).pathname]

/** Splits a command line at the spaces that are written, never within a value that is put in; a list is spread. */
export function command(texts, ...values) {
  const words = ['']
  for (const [at, text] of texts.entries()) {
    const [glued, ...more] = text.split(/\s+/)
    words.push(`${words.pop()}${glued}`, ...more)
    const value = values[at]
    if (Array.isArray(value)) words.push(...(words.pop() === '' ? value : fail()), '')
    else if (value !== undefined) words.push(`${words.pop()}${value}`)
  }
  return words.filter((word) => word !== '')
}

function fail() {
  throw new Error('a list stands for words of its own')
}

/** @typedef {{ repository: string, tag: string }} Name */

/**
 * Each tool with what it carries, its export into a folder, and the import of what it exported.
 * @param {readonly Name[]} names
 * @param {{ source: string, signing: readonly string[] }} given
 */
export function toolsFor(names, { source, signing }) {
  const full = names.map(({ repository, tag }) => `${source}/${repository}:${tag}`)
  const groups = new Map()
  for (const { repository, tag } of names) groups.set(repository, [...(groups.get(repository) ?? []), tag])
  const repositories = [...groups.keys()]
  const pack = (dir) => command`tar -cf ${dir}/out.tar -C ${dir}/lay .`
  const unpack = (dir, kept) => [command`mkdir ${dir}/lay`, command`tar -xf ${kept}/out.tar -C ${dir}/lay`]
  const each = (make) => names.map(({ repository, tag }, at) => make(`${repository}:${tag}`, at))
  const regctl = (registry) => command`${peer('regctl')} --host reg=${registry},tls=disabled image copy --referrers`
  const skopeo = command`skopeo --insecure-policy copy -q --all`
  return {
    waybill: {
      carries: 'all, signed and verified',
      export: (dir) => [command`${[...WAYBILL]} export ${full} --output ${dir}/out.tar ${[...signing]}`],
      import: (_dir, kept, target) => [command`${[...WAYBILL]} import ${kept}/out.tar --to ${target}`],
    },
    oras: {
      carries: 'all',
      export: (dir) =>
        repositories.map((repository, at) => {
          const from = `${source}/${repository}:${groups.get(repository).join(',')}`
          return command`${peer('oras')} backup --plain-http --no-tty --include-referrers -o ${dir}/out-${at}.tar ${from}`
        }),
      import: (_dir, kept, target) =>
        repositories.map((repository, at) => {
          const file = `${kept}/out-${at}.tar`
          return command`${peer('oras')} restore --plain-http --no-tty --input ${file} ${target}/${repository}`
        }),
    },
    regctl: {
      carries: 'all',
      export: (dir) => [
        ...each((name, at) => command`${regctl(source)} ${source}/${name} ocidir://${dir}/lay:v${at}`),
        pack(dir),
      ],
      import: (dir, kept, target) => [
        ...unpack(dir, kept),
        ...each((name, at) => command`${regctl(target)} ocidir://${dir}/lay:v${at} ${target}/${name}`),
      ],
    },
    skopeo: {
      carries: 'no referrers',
      export: (dir) => [
        ...each(
          (name, at) => command`${skopeo} --src-tls-verify=false docker://${source}/${name} oci:${dir}/lay:v${at}`,
        ),
        pack(dir),
      ],
      import: (dir, kept, target) => [
        ...unpack(dir, kept),
        ...each(
          (name, at) => command`${skopeo} --dest-tls-verify=false oci:${dir}/lay:v${at} docker://${target}/${name}`,
        ),
      ],
    },
    crane: {
      carries: 'no referrers, one repository',
      export: (dir) => [
        command`${peer('crane')} pull --insecure --format=oci --annotate-ref ${full} ${dir}/lay`,
        pack(dir),
      ],
      import: (dir, kept, target) => [
        ...unpack(dir, kept),
        command`${peer('crane')} push --insecure --index ${dir}/lay ${target}/bench/all:v1`,
      ],
    },
  }
}
