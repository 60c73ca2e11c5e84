import type { Reporter, TestModule } from 'vitest/node'

/** Prints the plain line that a continuous integration reads: `N passed, N failed`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && count('failed') === 0).length
    // Once more, without the rest: whoever reads only the end of a long log sees which they are.
    for (const one of tests.filter((test) => test.result().state === 'failed')) {
      const [error] = one.result().errors ?? []
      const why = (error?.message ?? '').split('\n')[0] ?? ''
      process.stdout.write(`failed: ${one.module.relativeModuleId} > ${one.fullName}: ${why.slice(0, 300)}\n`)
    }
    process.stdout.write(`\n${count('passed')} passed, ${count('failed') + broken} failed\n`)
  }
}
