import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{harness,scenarios,target}/**/*.test.ts'],
    // Real servers, real processes: each file in a process of its own, two at a time.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    reporters: process.env.CI ? ['default'] : ['default'],
  },
});
