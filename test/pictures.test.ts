import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const DOCS = new URL('../docs/', import.meta.url)
const PICTURES = readdirSync(new URL('pictures/', DOCS)).sort()
const ELEMENT = /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>/g

describe('the pictures of the screens', () => {
  test('are those that the documents show', () => {
    expect(PICTURES).toEqual(['audit.svg', 'home.svg', 'load.svg', 'review.svg', 'summary.svg'])
  })

  test.each(PICTURES)('%s is well-formed, and has nothing that runs or is fetched', (name) => {
    const svg = readFileSync(new URL(`pictures/${name}`, DOCS), 'utf8')

    const open: string[] = []
    const names = new Set<string>()
    for (const [, end, element = '', , empty] of svg.matchAll(ELEMENT)) {
      names.add(element)
      if (end === '/') expect(open.pop()).toBe(element)
      else if (empty !== '/') open.push(element)
    }
    expect(open).toEqual([])
    expect([...names].sort()).toEqual(['g', 'rect', 'svg', 'text', 'title'])
    expect(svg.replace(ELEMENT, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
    expect(svg).not.toMatch(/href|url\(|\bon[a-z]+=/)
  })

  test.each(PICTURES)('%s shows the words of a screen of the run', (name) => {
    const svg = readFileSync(new URL(`pictures/${name}`, DOCS), 'utf8')
    const run = readFileSync(new URL('screens.md', DOCS), 'utf8').replace(/\s+/g, ' ')

    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
      text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim(),
    )
    expect(texts.length).toBeGreaterThan(5)
    expect(texts.filter((text) => !run.includes(text))).toEqual([])
  })
})
