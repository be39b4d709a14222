import { defineConfig } from 'vitest/config'

const slow = { testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    // Most files wait for processes and disks more than they compute.
    maxWorkers: '100%',
    globalSetup: ['test/support/temporary-folder.ts'],
    projects: [
      { test: { name: 'unit', include: ['packages/*/test/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/{boundaries,e2e,extremes,packed,parity,scenarios}/**/*.test.ts'],
          ...slow,
        },
      },
    ],
  },
})
