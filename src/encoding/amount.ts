import { counted } from './counted.js'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `1.2 GB`: decimal units, as disks are sold. */
export function amount(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return unit === 0 ? counted(bytes, 'byte') : `${value.toFixed(value < 10 ? 2 : 1)} ${UNITS[unit]}`
}
