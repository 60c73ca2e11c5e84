import { startRegistry } from '../../src/serve/registry-server.js'
import type { Built } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { tmpFolder } from '../support/tmp.js'
import { contentSinkContract } from './content-sink.contract.js'
import { contentSourceContract } from './content-source.contract.js'

async function aRegistry() {
  const server = await startRegistry({ store: await tmpFolder(), host: '127.0.0.1', port: 0 })
  const client = aClient()
  const repository = client.repository(new URL(server.url).host)
  const close = async () => {
    await client.close()
    await server.close()
  }
  return { repository, close }
}

contentSourceContract({
  name: 'the registry client on the embedded registry',
  make: async (built: Built) => {
    const { repository, close } = await aRegistry()
    await built.into(repository)
    return { source: repository, close }
  },
  canLie: false, // the embedded registry takes nothing that a digest does not say
})

contentSinkContract({
  name: 'the registry client on the embedded registry',
  make: async () => {
    const { repository, close } = await aRegistry()
    return { sink: repository, open: async () => repository, close }
  },
})
