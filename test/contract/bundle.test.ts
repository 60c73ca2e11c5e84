import { bundleSource } from '../../src/bundle/bundle-source.js'
import { openBundle } from '../../src/bundle/reader.js'
import type { Built } from '../support/build.js'
import { APP, aBundle } from '../support/bundles.js'
import { contentSourceContract } from './content-source.contract.js'

contentSourceContract({
  name: 'a bundle',
  make: async (built: Built) => {
    const tags = Object.keys(built.tags).filter((tag) => !tag.startsWith('sha256-'))
    const bundle = await openBundle(await aBundle(built, { sources: tags.map((tag) => `${APP}:${tag}`) }))
    return { source: bundleSource(bundle), close: () => bundle.close() }
  },
  canLie: false, // an exporter cannot be made to write what a digest does not say; test/faults damages bundles instead
  describesReferrers: false,
})
