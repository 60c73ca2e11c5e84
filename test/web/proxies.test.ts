import { describe, expect, it } from 'vitest'
import { parseProxy, proxyFor } from '../../src/web/proxies.js'

const PROXIES = { http: 'http://proxy.example:3128', https: 'http://secure.example:3129' }

function chosen(url: string, except = ''): string | undefined {
  return proxyFor(new URL(url), { ...PROXIES, except })?.host
}

describe('the proxy of an address', () => {
  it('is the one for its scheme', () => {
    expect(chosen('http://crl.example/a')).toBe('proxy.example:3128')
    expect(chosen('https://crl.example/a')).toBe('secure.example:3129')
    expect(proxyFor(new URL('https://crl.example/'), { http: PROXIES.http })).toBeUndefined()
    expect(proxyFor(new URL('http://crl.example/'), { http: '' })).toBeUndefined()
  })

  it.each([
    ['a name', 'crl.example', 'http://crl.example/'],
    ['a name in capitals', 'CRL.Example', 'http://crl.example/'],
    ['what is below a name', 'example', 'http://crl.example/'],
    ['a domain with a dot', '.example', 'http://crl.example/'],
    ['a domain with a star', '*.example', 'http://crl.example/'],
    ['a port', 'crl.example:8080', 'http://crl.example:8080/'],
    ['the port that need not be said', 'crl.example:80', 'http://crl.example/'],
    ['an address', '127.0.0.1', 'http://127.0.0.1:9/'],
    ['an address of IPv6', '::1', 'http://[::1]:9/'],
    ['an address of IPv6 in brackets, with a port', '[::1]:9', 'http://[::1]:9/'],
    ['everything', '*', 'http://crl.example/'],
    ['one of several', 'a.example, b.example crl.example', 'http://crl.example/'],
  ])('is none for %s that is excepted', (_, except, url) => {
    expect(chosen(url, except)).toBeUndefined()
  })

  it.each([
    ['another name', 'l.example', 'http://crl.example/'],
    ['another port', 'crl.example:8080', 'http://crl.example/'],
    ['a name that only begins so', 'crl.example', 'http://crl.example.org/'],
    ['nothing', ' , ', 'http://crl.example/'],
    ['a dot', '.', 'http://crl.example/'],
  ])('is there for what %s does not except', (_, except, url) => {
    expect(chosen(url, except)).toBe('proxy.example:3128')
  })
})

describe('the address of a proxy', () => {
  it('can be without a scheme, as the custom is', () => {
    expect(parseProxy('proxy.example:3128').href).toBe('http://proxy.example:3128/')
  })

  it.each(['socks5://proxy.example', 'http://', 'ftp://proxy', 'a b'])('is refused: %s', (text) => {
    expect(() => parseProxy(text)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
  })

  it('is never repeated with its password', () => {
    expect(() => parseProxy('ftp://alice:sesame@proxy')).toThrow(expect.not.stringContaining('sesame'))
  })
})
