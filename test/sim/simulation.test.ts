import { describe, expect, test, vi } from 'vitest';
import { runHistory } from './history.ts';
import { PLANTED } from './planted.ts';
import { loadShapes } from './shapes.ts';
import { simulate } from './simulate.ts';
import { tallyText } from './tally.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 });

/** Whatever the machine is, so many histories are run; on a fast one all in the time there is. */
const SEEDS = 10_000;
const AT_LEAST = 2_000;
const AT_MOST_MS = 3 * 60_000;

const shapes = loadShapes();

describe('the runner in a simulated world', () => {
  test('keeps its promises in every history, whatever crashes and whatever goes wrong', async () => {
    const started = performance.now();
    const tally = await simulate({
      from: 1,
      seeds: SEEDS,
      workers: 2,
      atMostMs: AT_MOST_MS,
      atLeast: AT_LEAST,
    });
    const text = tallyText(tally, (performance.now() - started) / 1_000);
    process.stdout.write(`\n${text}`);
    expect(tally.failing).toEqual([]);
    expect(tally.histories).toBeGreaterThanOrEqual(AT_LEAST);
    expect(tally.crashes).toBeGreaterThan(tally.histories);
    expect(tally.adopted).toBeGreaterThan(0);
    expect(tally.absent).toBeGreaterThan(0);
  });

  test('goes the same way again with the same seed, event by event', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const options = { seed, shapes: await shapes, keepLines: true };
      const first = await runHistory(options);
      const again = await runHistory(options);
      expect(again.lines).toEqual(first.lines);
      expect(again.hash).toBe(first.hash);
    }
  });

  test('goes another way with another seed', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) {
      hashes.add((await runHistory({ seed, shapes: await shapes })).hash);
    }
    expect(hashes.size).toBe(50);
  });
});

describe('the simulation finds a mistake that is planted in the protocol:', () => {
  test.each(PLANTED)('$name', async (bug) => {
    for (let seed = 1; seed <= 100; seed++) {
      const { violations } = await runHistory({ seed, shapes: await shapes, bug });
      if (violations.length > 0) return;
    }
    expect.fail('not within 100 seeds');
  });
});
