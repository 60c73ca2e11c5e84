import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ExchangeRequest } from '../../src/web/exchange.js'
import { openWeb } from '../../src/web/open-exchange.js'
import type { ProxySettings } from '../../src/web/proxies.js'
import { loopbackTls } from '../support/loopback-tls.js'
import { scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const TLS = await loopbackTls()

function anExchange(proxies: ProxySettings = {}, ca?: readonly string[]) {
  const web = openWeb({ proxies, agent: 'waybill/test', ...(ca === undefined ? {} : { ca }) })
  onTestFinished(() => web.close())
  return (url: string, given: Partial<ExchangeRequest> = {}) =>
    web.exchange({ url, method: 'GET', maxBytes: 1000, timeoutMs: 20_000, ...CALL, ...given })
}

const UNREACHABLE = { code: 'ERR_SOURCE_UNREACHABLE', side: 'source' }

describe('one exchange', () => {
  it('asks as it was told to, and says nothing about anybody', async () => {
    const server = await scriptedRegistry()
    server.on('POST /ocsp', { status: 200, body: 'answer', headers: { 'set-cookie': 'a=b' } })
    const ask = anExchange()

    const first = await ask(`${server.url}/ocsp?a=1#part`, {
      method: 'POST',
      body: Buffer.from('question'),
      contentType: 'application/ocsp-request',
      accept: 'application/ocsp-response',
    })
    await ask(`${server.url}/ocsp`, { method: 'POST', body: Buffer.from('again') })

    expect(first).toEqual({ status: 200, body: Buffer.from('answer') })
    const [asked, again] = server.requests
    expect([asked?.url, String(asked?.body)]).toEqual(['/ocsp?a=1', 'question'])
    expect(asked?.headers).toMatchObject({
      'accept-encoding': 'identity',
      accept: 'application/ocsp-response',
      'content-type': 'application/ocsp-request',
      'user-agent': 'waybill/test',
    })
    expect(Object.keys({ ...asked?.headers, ...again?.headers })).not.toContain('authorization')
    expect(again?.headers.cookie).toBeUndefined()
  })

  it('gives an answer of any status', async () => {
    const server = await scriptedRegistry()
    server.on('GET /gone', { status: 503, body: 'later' })

    expect(await anExchange()(`${server.url}/gone`)).toMatchObject({ status: 503 })
  })

  it('gives up an answer that is longer than was said, and one without an end', async () => {
    const server = await scriptedRegistry()
    server.on('GET /long', { status: 200, body: Buffer.alloc(1001) })
    server.on('GET /flood', { status: 200, body: Buffer.alloc(100), endless: true })
    server.on('GET /fits', { status: 200, body: Buffer.alloc(1000) })
    const ask = anExchange()

    await expect(ask(`${server.url}/long`)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
    await expect(ask(`${server.url}/flood`)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
    expect((await ask(`${server.url}/fits`)).body).toHaveLength(1000)
  })

  it.each([
    ['that never comes', 'stall' as const],
    ['that stops in the middle', { status: 200, body: 'half', stallAfter: 2 }],
    ['that breaks off', { status: 200, body: 'half', dropAfter: 2 }],
    ['instead of which the connection breaks', 'drop' as const],
  ])('fails at an answer %s', async (_, step) => {
    const server = await scriptedRegistry()
    server.on('GET /slow', step)

    await expect(anExchange()(`${server.url}/slow`, { timeoutMs: 300 })).rejects.toMatchObject(UNREACHABLE)
  })

  it('fails where nobody listens, where there is no such name, and at a name with a bad character', async () => {
    const server = await scriptedRegistry()
    await server.close()
    const ask = anExchange()

    await expect(ask(server.url)).rejects.toMatchObject(UNREACHABLE)
    await expect(ask('http://no-such-name.invalid/')).rejects.toMatchObject(UNREACHABLE)
    await expect(ask('http://no such name/')).rejects.toMatchObject(UNREACHABLE)
  })

  it('throws the reason of a cancelled call as it is', async () => {
    const server = await scriptedRegistry()
    server.on(/./, 'stall')
    const stop = new AbortController()
    const reason = new Error('enough')
    const ask = anExchange()

    const waiting = ask(server.url, { signal: stop.signal })
    setTimeout(() => stop.abort(reason), 50)

    await expect(waiting).rejects.toBe(reason)
    await expect(ask(server.url, { signal: stop.signal })).rejects.toBe(reason)
  })
})

describe('where it may lead', () => {
  it.each([
    'ftp://crl.example/a',
    'file:///etc/passwd',
    'ldap://crl.example/a',
    'not a URL',
    'http://alice:sesame@127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://0.0.0.0/',
  ])('is refused: %s', async (url) => {
    await expect(anExchange()(url)).rejects.toMatchObject(UNREACHABLE)
  })

  it('is told without the password that is in it', async () => {
    const asking = anExchange()('http://alice:sesame@127.0.0.1/')

    await expect(asking).rejects.toThrow(expect.not.stringContaining('sesame'))
    await expect(asking).rejects.toThrow('127.0.0.1')
  })

  it('is followed for three redirects, and no more', async () => {
    const server = await scriptedRegistry()
    for (const at of [1, 2, 3, 4]) {
      server.on(`GET /${at}`, { status: 302, headers: { location: `/${at + 1}` }, body: 'x'.repeat(200_000) })
    }
    server.on('GET /5', { status: 200, body: 'there' })
    const ask = anExchange()

    expect(String((await ask(`${server.url}/2`)).body)).toBe('there')
    await expect(ask(`${server.url}/1`)).rejects.toMatchObject(UNREACHABLE)
  })

  it('is checked at each redirect', async () => {
    const server = await scriptedRegistry()
    const ask = anExchange()

    for (const location of ['http://169.254.169.254/', 'file:///etc/passwd', 'http://a:b@127.0.0.1/', 'http://[/']) {
      server.on('GET /', { status: 302, headers: { location } })
      await expect(ask(server.url)).rejects.toMatchObject(UNREACHABLE)
    }
    server.on('GET /', { status: 302, headers: { location: '/' } })
    await expect(ask(server.url)).rejects.toMatchObject(UNREACHABLE)
  })

  it('is followed with a body only where the redirect keeps the method', async () => {
    const server = await scriptedRegistry()
    server.on('POST /moved', { status: 302, headers: { location: '/new' } })
    server.on('POST /kept', { status: 307, headers: { location: '/new' } })
    server.on('POST /new', { status: 200, body: 'there' })
    const post = { method: 'POST', body: Buffer.from('question') } as const
    const ask = anExchange()

    expect(await ask(`${server.url}/moved`, post)).toMatchObject({ status: 302 })
    expect(await ask(`${server.url}/kept`, post)).toMatchObject({ status: 200 })
    expect(server.asked('POST /new').map(({ body }) => String(body))).toEqual(['question'])
  })

  it('is not from an encrypted address to one that is not', async () => {
    const plain = await scriptedRegistry()
    const server = await scriptedRegistry({ tls: TLS })
    server.on('GET /down', { status: 302, headers: { location: plain.url } })
    server.on('GET /stay', { status: 200, body: 'safe' })
    const ask = anExchange({}, [TLS.ca])

    await expect(ask(`${server.url}/down`)).rejects.toMatchObject(UNREACHABLE)
    expect((await ask(`${server.url}/stay`)).status).toBe(200)
    expect(plain.requests).toEqual([])
    await expect(anExchange()(`${server.url}/stay`)).rejects.toMatchObject(UNREACHABLE)
  })
})

describe('through a proxy', () => {
  it('a plain address is asked for as proxies want it, with the proxy’s password', async () => {
    const server = await scriptedRegistry()
    server.on('GET /crl', { status: 302, headers: { location: '/list' } })
    server.on('GET /list', { status: 200, body: 'list' })
    const proxy = await aProxy()
    const ask = anExchange({ http: proxy.url.replace('//', '//alice:sesame@') })

    expect(String((await ask(`${server.url}/crl`)).body)).toBe('list')

    expect(proxy.asked).toEqual([`GET ${server.url}/crl`, `GET ${server.url}/list`])
    expect(proxy.passwords).toEqual([basic('alice:sesame'), basic('alice:sesame')])
    expect(server.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined, undefined])
  })

  it('an encrypted one is asked for through a tunnel', async () => {
    const server = await scriptedRegistry({ tls: TLS })
    server.on('GET /crl', { status: 200, body: 'list' })
    const proxy = await aProxy()

    expect(String((await anExchange({ https: proxy.url }, [TLS.ca])(`${server.url}/crl`)).body)).toBe('list')

    expect(proxy.asked).toEqual([`CONNECT ${server.host}`])
  })

  it('a forbidden address is not asked for either, and an excepted one directly', async () => {
    const server = await scriptedRegistry()
    server.on('GET /crl', { status: 200 })
    const proxy = await aProxy()
    const ask = anExchange({ http: proxy.url, except: '127.0.0.1' })

    await expect(ask('http://169.254.169.254/')).rejects.toMatchObject(UNREACHABLE)
    expect(await ask(`${server.url}/crl`)).toMatchObject({ status: 200 })
    expect(proxy.asked).toEqual([])
  })

  it.each([
    ['nobody listens at', 'http://127.0.0.1:1', 'connect ECONNREFUSED, through a proxy'],
    [
      'has no address',
      'http://proxy.invalid:3128',
      /^http:\/\/ca\.example\/crl: getaddrinfo [A-Z_]+, through a proxy$/,
    ],
  ])('one that %s is a failure, in words that do not name it', async (_, http, reason) => {
    const work = anExchange({ http })('http://ca.example/crl')

    await expect(work).rejects.toMatchObject(UNREACHABLE)
    await expect(work).rejects.toThrow(typeof reason === 'string' ? `http://ca.example/crl: ${reason}` : reason)
  })

  it('one that nobody listens at, or that refuses, is a failure; what is no proxy is not begun with', async () => {
    const server = await scriptedRegistry()
    const proxy = await aProxy(407)
    const dead = await scriptedRegistry()
    await dead.close()

    await expect(anExchange({ http: dead.url })(server.url)).rejects.toMatchObject(UNREACHABLE)
    expect(() => anExchange({ http: 'socks5://proxy' })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }),
    )
    await expect(anExchange({ https: proxy.url })('https://127.0.0.1:1/')).rejects.toMatchObject(UNREACHABLE)
  })
})

/** A proxy that writes down what it was asked for. */
async function aProxy(tunnelStatus = 200) {
  const asked: string[] = []
  const passwords: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    passwords.push(request.headers['proxy-authorization'])
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(`CONNECT ${url}`)
    const [host = '', port] = url.split(':')
    if (tunnelStatus !== 200) return socket.end(`HTTP/1.1 ${tunnelStatus} No\r\n\r\n`)
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const one of [onward, socket]) one.on('error', () => undefined)
    return socket
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, passwords }
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}
