import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExternalSort } from '../../src/tables/external-sort.ts';

const folder = await mkdtemp(join(tmpdir(), 'fieldwork-sort-'));
let made = 0;

const newSort = (inMemory?: number): ExternalSort =>
  new ExternalSort(join(folder, `lines-${made++}`), inMemory);

async function textsOf(sort: ExternalSort): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const portion of sort.sorted()) texts.push(...portion);
  return texts;
}

test('lines come sorted by key, equal keys in the order added, whatever fits into memory', async () => {
  const line = fc.tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🚀'), maxLength: 3 }),
    fc.string({ unit: fc.constantFrom('x', '\t', 'ü', '🚀'), maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      async (lines, inMemory) => {
        const sort = newSort(inMemory);
        for (const [key, text] of lines) {
          sort.add(key, text);
          await sort.flush();
        }
        const expected = lines
          .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
          .map(([, text]) => text);
        expect(await textsOf(sort)).toEqual(expected);
        // A second time, too.
        expect(await textsOf(sort)).toEqual(expected);
        await sort.discard();
      },
    ),
    { numRuns: 100 },
  );
  expect(await readdir(folder)).toEqual([]);
});

test('lines longer than what is read at a time, and many runs, come whole', async () => {
  const sort = newSort(50);
  const text = (n: number): string => `${n} ${'é'.repeat(n % 97 === 0 ? 100_000 : 10)}`;
  for (let n = 0; n < 3_000; n++) {
    const key = (n * 977) % 3_000;
    sort.add(String(key).padStart(5, '0'), text(key));
    await sort.flush();
  }
  const texts = await textsOf(sort);
  expect(texts).toHaveLength(3_000);
  for (const [at, found] of texts.entries()) expect(found === text(at)).toBe(true);
  await sort.discard();
});

test('few lines never touch the disk', async () => {
  const sort = newSort();
  for (let n = 0; n < 1_000; n++) sort.add(String(n), 'x');
  await sort.flush();
  expect(await textsOf(sort)).toHaveLength(1_000);
  expect(await readdir(folder)).toEqual([]);
});
