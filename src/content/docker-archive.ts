import { CONTAINERD_NAME, LAYOUT_FILE, REF_NAME } from '../oci/image-layout.js'
import { archiveFiles } from './docker-archive-files.js'
import { archiveMembers } from './docker-archive-members.js'
import { fullDockerName } from './docker-name.js'
import { type ImageLayout, openLayout } from './image-layout.js'
import { openLayoutTar } from './layout-tar.js'
import { withTarFile } from './open-tar.js'
import type { CallOptions } from './store.js'

/**
 * Opens an archive of `docker save` or `podman save`. One that is an image layout as well, as Docker 25 and build tools
 * write it, is read as that: its manifests are there. For an older one each image's manifest is made from its config and
 * its layers, always in the same way (docs/adr/0026); the layers are checked against the config when they are read.
 * @throws ERR_MEDIUM, ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_BUNDLE_VERSION, ERR_JSON_INVALID,
 *   ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED
 */
export async function openDockerArchive(path: string, call: CallOptions): Promise<ImageLayout> {
  const opened = await withTarFile(path, async (tar) => {
    const members = await archiveMembers(tar, call)
    if (!members.has(LAYOUT_FILE)) return await openLayout(await archiveFiles(tar, members, call), call)
    await tar.handle.close()
    return undefined
  })
  return new NamedByDocker(opened ?? (await openLayoutTar(path, call)))
}

/** Docker says `busybox` for what layouts call `docker.io/library/busybox:latest`: both find it. */
class NamedByDocker implements ImageLayout {
  readonly #layout: ImageLayout

  constructor(layout: ImageLayout) {
    this.#layout = layout
  }

  get source() {
    return this.#layout.source
  }

  get entries() {
    return this.#layout.entries
  }

  resolveRoot(...[name, call]: Parameters<ImageLayout['resolveRoot']>): ReturnType<ImageLayout['resolveRoot']> {
    const known = new Set(
      this.entries.flatMap(({ annotations }) => [annotations?.[REF_NAME], annotations?.[CONTAINERD_NAME]]),
    )
    const meant = name === undefined || known.has(name) ? name : fullDockerName(name)
    return this.#layout.resolveRoot(meant !== undefined && known.has(meant) ? meant : name, call)
  }

  close(): Promise<void> {
    return this.#layout.close()
  }
}
