import { defineConfig } from 'vitest/config'

const shared = { testTimeout: 30_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [
            'test/e2e/**',
            'test/interop/**',
            'test/faults/**',
            'test/peers/**',
            'test/fixtures/**',
            'test/pty/**',
          ],
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        test: {
          ...shared,
          name: 'pty',
          include: ['test/pty/**/*.test.ts'],
          testTimeout: 120_000,
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        test: {
          ...shared,
          name: 'fixtures',
          include: ['test/fixtures/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        test: {
          ...shared,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 300_000,
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        test: {
          ...shared,
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          setupFiles: ['reflect-metadata'],
        },
      },
    ],
  },
})
