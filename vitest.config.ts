import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const shared = {
  // Real servers, real processes: each file in a process of its own.
  pool: 'forks' as const,
  testTimeout: 30_000,
  hookTimeout: 30_000,
  teardownTimeout: 5_000,
};

export default defineConfig({
  // As in a user's file; outside of tests hanglab sees to that itself.
  resolve: { alias: { hanglab: fileURLToPath(new URL('harness/index.ts', import.meta.url)) } },
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['{harness,target}/**/*.test.ts'],
          exclude: ['target/regression.test.ts'],
          // They mostly wait: one more than the cores of a small machine.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole runs measure time: they come last, and nothing runs beside them.
        test: {
          ...shared,
          name: 'regression',
          include: ['target/regression.test.ts', '{scenarios,examples}/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
