// What any client sees of a repository: plain HTTP, the distribution specification, and nothing of Waybill's client.
import { get } from 'node:http'
import { digestOf, isManifestType, OCI_INDEX, OCI_MANIFEST } from './built.mjs'

/** @typedef {import('../src/oci/descriptor.js').Descriptor} Descriptor */
/** @typedef {{ readonly status: number, readonly digest: string | undefined, readonly body: Buffer }} Answer */

/**
 * @param {string} base `http://HOST/v2/REPOSITORY`
 * @param {AbortSignal} signal
 */
export function registryView(base, signal) {
  /** @param {string} path */
  const ask = (path) => answer(`${base}/${path}`, signal)
  /** @param {string} path */
  const json = async (path) => {
    const { status, body } = await ask(path)
    if (status !== 200) throw new Error(`GET ${base}/${path} answered ${status}`)
    return JSON.parse(body.toString('utf8'))
  }
  return {
    /** The names of the tags; undefined where there is no such repository. @returns {Promise<string[] | undefined>} */
    tags: async () => ((await ask('tags/list')).status === 404 ? undefined : (await json('tags/list')).tags),

    /** What a tag points at, and what it says. @param {string} tag */
    tagged: async (tag) => ({ digest: (await ask(`manifests/${tag}`)).digest, index: await json(`manifests/${tag}`) }),

    /** @param {string} digest */
    manifest: (digest) => json(`manifests/${digest}`),

    /** @param {string} digest @returns {Promise<Uint8Array>} */
    blob: async (digest) => (await ask(`blobs/${digest}`)).body,

    /** What hangs on a manifest (Referrers API). @param {string} digest @returns {Promise<Descriptor[]>} */
    referrers: async (digest) => (await json(`referrers/${digest}`)).manifests,

    /** True where the repository gives exactly these bytes. @param {Descriptor} descriptor */
    has: async ({ mediaType, digest, size }) => {
      const { status, body } = await ask(`${isManifestType(mediaType) ? 'manifests' : 'blobs'}/${digest}`)
      return status === 200 && body.byteLength === size && digestOf(body) === digest
    },
  }
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<Answer>} */
function answer(url, signal) {
  const headers = { accept: `${OCI_INDEX}, ${OCI_MANIFEST}` }
  return new Promise((resolve, reject) => {
    // Without an agent no connection is kept: the registry can be ended at once.
    const request = get(url, { agent: false, headers, signal }, async (response) => {
      try {
        const body = Buffer.concat(await response.toArray())
        const digest = response.headers['docker-content-digest']
        resolve({ status: response.statusCode ?? 0, digest: Array.isArray(digest) ? digest[0] : digest, body })
      } catch (cause) {
        reject(cause)
      }
    })
    request.on('error', reject)
  })
}
