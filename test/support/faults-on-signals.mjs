// Loaded into the built program before everything else: signals make it fail where it never should.
import process from 'node:process'

let armed = false
const { flatMap } = Array.prototype
// The line of keys at the bottom of every screen is made with it, by React, while it draws.
Object.defineProperty(Array.prototype, 'flatMap', {
  /** @this {unknown[]} @param {any[]} given */
  value: function (...given) {
    if (armed && this.includes('everywhere')) throw new Error('a component that breaks')
    return Reflect.apply(flatMap, this, given)
  },
})
process.on('SIGUSR2', () => {
  armed = true
})
process.on('SIGPWR', () => {
  void Promise.reject(new Error('a promise that nobody waited for'))
})
process.on('SIGIO', () => {
  throw new Error('a listener that breaks')
})
process.on('SIGVTALRM', () => {
  AbortController.prototype.abort = () => {}
})
