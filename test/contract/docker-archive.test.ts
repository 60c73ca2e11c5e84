import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDockerArchive } from '../../src/content/docker-archive.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { blobPath } from '../../src/oci/image-layout.js'
import { layoutFiles, tarOf } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { contentSourceContract } from './content-source.contract.js'

contentSourceContract({
  name: 'a Docker archive that is an image layout as well',
  make: async (built) => {
    const path = join(await tmpFolder(), 'saved.tar')
    const list = [{ Config: blobPath(built.root.digest), RepoTags: Object.keys(built.tags), Layers: [] }]
    const beside = { name: 'manifest.json', bytes: canonicalBytes(list) }
    await writeFile(path, await tarOf([...layoutFiles(built), beside]))
    return await openDockerArchive(path, CALL)
  },
})
