import { describe, expect, it } from 'vitest'
import { hasCode } from '../../src/errors.js'
import { formatPlatform, matchesPlatform, parsePlatform } from '../../src/oci/platform.js'

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['windows/amd64', { os: 'windows', architecture: 'amd64' }],
    ['wasip1/wasm', { os: 'wasip1', architecture: 'wasm' }],
  ])('reads %s', (text, platform) => {
    expect(parsePlatform(text)).toEqual(platform)
    expect(formatPlatform(platform)).toBe(text)
  })

  it.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/arm/',
    'linux/arm/v7/x',
    'Linux/amd64',
    'linux/amd 64',
    'linux/-',
    '*/*',
  ])('refuses %j', (text) => {
    let failure: unknown
    try {
      parsePlatform(text)
    } catch (cause) {
      failure = cause
    }

    expect(hasCode(failure, 'ERR_USAGE')).toBe(true)
  })
})

describe('matchesPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm/v6', false],
    ['linux/arm/v7', 'linux/arm', false],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm64/v9', 'linux/arm64', false],
    ['linux/amd64', 'windows/amd64', false],
    ['linux/amd64', 'linux/arm64', false],
    ['linux/amd64', 'unknown/unknown', false],
  ])('a wish for %s and an image for %s: %s', (wish, image, matches) => {
    expect(matchesPlatform(parsePlatform(wish), parsePlatform(image))).toBe(matches)
  })
})
