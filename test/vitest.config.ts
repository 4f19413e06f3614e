import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- the form vitest reads
export default defineConfig({
  test: {
    dir: 'test',
    setupFiles: ['test/rig/property-seed.ts'],
    // Nothing is timed here: the limits only end a test that hangs, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
