import { readdir } from 'node:fs/promises'
import { openLayoutFolder } from '../../src/content/layout-folder.js'
import { layoutFolderSink } from '../../src/content/layout-sink.js'
import { layoutFiles, writeFolder } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { contentSinkContract } from './content-sink.contract.js'
import { contentSourceContract } from './content-source.contract.js'

contentSourceContract({
  name: 'an image layout in a folder',
  make: async (built) => {
    const folder = await tmpFolder()
    await writeFolder(folder, layoutFiles(built))
    return await openLayoutFolder(folder, CALL)
  },
})

contentSinkContract({
  name: 'an image layout in a folder',
  make: async () => {
    const folder = await tmpFolder()
    return {
      sink: await layoutFolderSink(folder),
      open: async () => (await openLayoutFolder(folder, CALL)).source,
      leftovers: async () => (await readdir(folder, { recursive: true })).filter((name) => name.includes('.partial')),
    }
  },
})
