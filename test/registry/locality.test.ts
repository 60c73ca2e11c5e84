import { describe, expect, it } from 'vitest'
import { isLoopbackName, leadsInward, localityOf } from '../../src/registry/locality.js'

describe('isLoopbackName', () => {
  it.each(['localhost', 'localhost:5000', '127.0.0.1', '127.0.0.1:5000', '127.9.8.7', '[::1]', '[::1]:5000'])(
    'takes %s for this machine',
    (registry) => {
      expect(isLoopbackName(registry)).toBe(true)
    },
  )

  it.each(['ghcr.io', 'localhost.example', '127.0.0.1.example', '10.0.0.1', '[::2]', '[fe80::1]', 'x.localhost', ''])(
    'does not take %s for this machine',
    (registry) => {
      expect(isLoopbackName(registry)).toBe(false)
    },
  )
})

describe('localityOf', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['[::1]', 'loopback'],
    ['[::ffff:127.0.0.1]', 'loopback'],
    ['[::ffff:7f00:1]', 'loopback'],
    ['localhost.', 'loopback'],
    ['metadata.localhost', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['[::ffff:a9fe:a9fe]', 'link-local'],
    ['[fe80::1]', 'link-local'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['[fd00::1]', 'private'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['registry.example', 'public'],
  ])('knows where %s leads', (hostname, locality) => {
    expect(localityOf(hostname)).toBe(locality)
  })
})

describe('leadsInward', () => {
  it.each([
    ['https://ghcr.io', 'https://127.0.0.1'],
    ['https://ghcr.io', 'http://2130706433/'],
    ['https://ghcr.io', 'http://0x7f.1/'],
    ['https://ghcr.io', 'http://169.254.169.254/latest'],
    ['https://ghcr.io', 'https://10.0.0.1'],
    ['https://10.0.0.1', 'https://127.0.0.1'],
  ])('is so from %s to %s', (from, to) => {
    expect(leadsInward(new URL(from), new URL(to))).toBe(true)
  })

  it.each([
    ['https://ghcr.io', 'https://storage.example'],
    ['https://10.0.0.1', 'https://10.0.0.2'],
    ['https://10.0.0.1:5000', 'https://10.0.0.1:9000'],
    ['http://localhost:5000', 'http://127.0.0.1:9000'],
    ['http://127.0.0.1', 'https://storage.example'],
  ])('is not so from %s to %s', (from, to) => {
    expect(leadsInward(new URL(from), new URL(to))).toBe(false)
  })
})
