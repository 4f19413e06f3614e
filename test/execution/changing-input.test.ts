import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { Rig } from '../rig/rig.ts';
import { asking, proxied, TOWN } from './pipelines.ts';

vi.setConfig({ testTimeout: 60_000 });

const YAML = `
sources: { rows: { file: rows.csv } }
steps:
  towns:
    input: rows
    query: Where is {{row.id}}?${TOWN}`;

/** More than is read of a file at once. */
const COUNT = 6_000;
const PADDING = 'x'.repeat(100);
const csv = (name: string): string =>
  `id,padding\n${Array.from({ length: COUNT }, (_, n) => `${name}${n},${PADDING}\n`).join('')}`;

/** Runs over a file of rows `a0`, `a1` and so on that `edit` changes after the first questions. */
async function runOver(
  store: MemoryStore,
  edit: (file: string) => Promise<void>,
): Promise<{ readonly exit: number; readonly asked: readonly string[]; readonly said: string }> {
  const asked: string[] = [];
  let edited: Promise<void> | undefined;
  const agent = asking(asked, ({ query }) => {
    if (asked.length === 10) edited = edit(file);
    return { town: query };
  });
  const slow = {
    ...proxied(agent),
    create: async (...of: Parameters<typeof agent.create>) => {
      const made = await agent.create(...of);
      await edited;
      return made;
    },
  };
  const rig = new Rig({ agent: slow, store, sources: new FileSourceReader() });
  const file = join(await rig.write({ 'rows.csv': csv('a') }), 'rows.csv');
  const { exit, steps } = await rig.run(YAML);
  return { exit, asked, said: steps.get('towns')?.message ?? '' };
}

describe('3 an input that changes while it is read', () => {
  test('by another file in its place changes nothing', async () => {
    const { exit, asked } = await runOver(new MemoryStore(), async (file) => {
      await writeFile(`${file}.new`, csv('b'));
      await rename(`${file}.new`, file);
    });
    expect(exit).toBe(0);
    expect(asked).toHaveLength(COUNT);
    expect(asked.filter((query) => !query.startsWith('Where is a'))).toEqual([]);
  });

  test('in the same file ends the step, before anything is asked that was in no file', async () => {
    const store = new MemoryStore();
    const first = await runOver(store, (file) => writeFile(file, csv('b')));
    expect(first.exit).toBe(1);
    expect(first.said).toBe(
      'rows.csv: it was changed while it was read; run again to read it as it is now',
    );
    expect(first.asked.length).toBeLessThan(COUNT);
    expect(first.asked.filter((query) => !query.startsWith('Where is a'))).toEqual([]);
    // What was bought stays.
    const second = await runOver(store, () => Promise.resolve());
    expect(second.exit).toBe(0);
    expect(second.asked).toHaveLength(COUNT - first.asked.length);
  });
});
