import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLayoutTar } from '../../src/content/layout-tar.js'
import { layoutFiles, tarOf } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { contentSourceContract } from './content-source.contract.js'

contentSourceContract({
  name: 'an image layout in a tar',
  make: async (built) => {
    const path = join(await tmpFolder(), 'layout.tar')
    await writeFile(path, await tarOf(layoutFiles(built)))
    return await openLayoutTar(path, CALL)
  },
})
