import { defineConfig } from 'vitest/config'

const everywhere = ['**/node_modules/**']
const setupFiles = ['test/own-temporary-folder.ts']

export default defineConfig({
  test: {
    // Vitest would leave one core idle: of two that is half the time.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.{system,long,faults}.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'system',
          setupFiles,
          include: ['**/*.system.test.ts'],
          exclude: everywhere,
          globalSetup: ['test/backends/kafka-shared.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          setupFiles,
          include: ['**/*.faults.test.ts'],
          exclude: everywhere,
          testTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          setupFiles,
          include: ['**/*.long.test.ts'],
          exclude: everywhere,
          testTimeout: 900_000,
          maxConcurrency: 2,
          fileParallelism: false,
        },
      },
    ],
  },
})
