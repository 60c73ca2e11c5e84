// Runs commands as whole processes and says what they took: time, the largest process's memory, disk beside the result.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** @typedef {{ seconds: number, peakMB: number, diskMB: number }} Figures */

/**
 * @param {readonly (readonly string[])[]} commands run one after the other
 * @param {{ folder: string, env?: Record<string, string> }} given `folder` is watched for what lies on the disk
 * @returns {Promise<Figures>}
 */
export async function measure(commands, { folder, env = {} }) {
  let peakMB = 0
  let diskMB = 0
  let measuring = true
  const watch = (async () => {
    while (measuring) {
      diskMB = Math.max(diskMB, (await bytesBelow(folder)) / 1e6)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  })()
  const started = performance.now()
  try {
    for (const command of commands) peakMB = Math.max(peakMB, await run(command, env))
  } finally {
    measuring = false
  }
  const seconds = (performance.now() - started) / 1000
  await watch
  diskMB = Math.max(diskMB, (await bytesBelow(folder)) / 1e6)
  return { seconds, peakMB, diskMB }
}

/** @returns {Promise<number>} peak resident memory, MB */
export function run([file, ...args], env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let peakMB = 0
    const look = () => {
      try {
        const kB = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
        peakMB = Math.max(peakMB, Number(kB ?? 0) / 1000)
      } catch {
        // It has ended, or this system has no /proc: the last figure stays.
      }
    }
    const timer = setInterval(look, 10)
    look()
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said = (said + text).slice(-4000)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(timer)
      if (code === 0) resolve(peakMB)
      else reject(new Error(`${file} ${args.join(' ')} ended with ${code}:\n${said}`))
    })
  })
}

async function bytesBelow(folder) {
  let bytes = 0
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const facts = await lstat(join(folder, name)).catch(() => undefined)
    if (facts?.isFile()) bytes += Math.min(facts.size, facts.blocks * 512)
  }
  return bytes
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
