import { memoryStore } from '../../src/content/memory.js'
import type { Built } from '../support/build.js'
import { CALL } from '../support/tmp.js'
import { contentSinkContract } from './content-sink.contract.js'
import { contentSourceContract } from './content-source.contract.js'

contentSourceContract({
  name: 'memory',
  make: async (built: Built) => {
    const store = memoryStore()
    for (const { descriptor, bytes } of built.contents) store.hold(descriptor, bytes)
    for (const [tag, descriptor] of Object.entries(built.tags)) await store.tag(descriptor, tag, CALL)
    return { source: store }
  },
})

contentSinkContract({
  name: 'memory',
  make: async () => {
    const store = memoryStore()
    return { sink: store, open: async () => store }
  },
})
