import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import type { Platform } from './descriptor.js'

const PART = /^[a-z0-9][a-z0-9._-]{0,63}$/

/**
 * Parses `OS/ARCHITECTURE[/VARIANT]`.
 * @throws ERR_USAGE
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.split('/')
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])]
  if (
    os === undefined ||
    architecture === undefined ||
    more.length > 0 ||
    !parts.every((part) => PART.test(part ?? ''))
  ) {
    throw new TransferError('ERR_USAGE', `not a platform: "${printable(text, 200)}"; write linux/amd64 or linux/arm/v7`)
  }
  return variant === undefined ? { os, architecture } : { os, architecture, variant }
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter((part) => part !== undefined).join('/')
}

/** A wish without a variant takes every variant; 64-bit Arm has one variant, which most images leave out. */
export function matchesPlatform(wish: Platform, platform: Platform): boolean {
  return (
    wish.os === platform.os &&
    wish.architecture === platform.architecture &&
    (wish.variant === undefined || variantOf(wish) === variantOf(platform))
  )
}

function variantOf(platform: Platform): string | undefined {
  return platform.variant ?? (platform.architecture === 'arm64' ? 'v8' : undefined)
}
