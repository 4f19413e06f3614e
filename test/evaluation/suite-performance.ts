import { join } from 'node:path';
import process from 'node:process';
import { openCorpus } from '../../src/agent/local/open-corpus.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { ask, NOW, openAgent, withCorpus } from './corpora.ts';
import { airports, brands } from './data-sets.ts';
import { countFigure, type Figure } from './figures.ts';

/** Suite P: seconds of the processor, of all threads together, so that a busy machine counts less. */
export function suitePerformance(): Promise<readonly Figure[]> {
  const records = { airports: airports().slice(0, 6_530), brands: brands() };
  const count = records.airports.length + records.brands.length;
  return withCorpus(records, async (folder) => {
    const [agent, build] = await timed(async () => {
      const opened = await openAgent(folder);
      await ask(opened, { query: 'airports in Iceland' });
      return opened;
    });
    const rows = brands().slice(0, 1_000);
    const [, enrichment] = await timed(() =>
      ask(agent, {
        query: 'Find the hex and the guidelines of every input brand.',
        input: { data: rows.map(({ title }) => ({ title: title ?? null })) },
        outputSchema: BRANDS,
      }),
    );
    const [, queries] = await timed(async () => {
      for (let feet = 0; feet < 2_000; feet += 100) {
        await ask(agent, { query: `airports in Canada with an altitude above ${feet}` });
      }
    });
    await agent.close();
    const [indexed, again] = await reopened(folder);
    return [
      countFigure('P records built, CPU seconds', 'frozen', count, build),
      countFigure('P index written, CPU seconds', 'frozen', count, indexed),
      countFigure('P unchanged corpus opened, CPU seconds', 'frozen', count, again),
      countFigure('P 1,000 rows enriched, CPU seconds', 'frozen', rows.length, enrichment),
      countFigure('P one query, CPU seconds', 'frozen', 20, queries / 20),
    ];
  });
}

const BRANDS = {
  type: 'object',
  properties: {
    brands: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          title: { type: 'string' },
          hex: { type: ['string', 'null'] },
          guidelines: { type: ['string', 'null'] },
        },
      },
    },
  },
} as const;

/** What it takes to open a corpus that has no index yet, and then again with it. */
async function reopened(folder: string): Promise<readonly [first: number, again: number]> {
  const indexFolder = join(folder, '..', 'index');
  const clock = { now: () => NOW, sleep: () => Promise.resolve() };
  const seconds: number[] = [];
  for (let i = 0; i < 2; i++) {
    const [opened, taken] = await timed(() =>
      openCorpus({ folder, indexFolder, clock, random: seededRandom() }),
    );
    if (!opened.ok) throw new Error(opened.error);
    await opened.value.corpus.close();
    seconds.push(taken);
  }
  const [first = NaN, again = NaN] = seconds;
  return [first, again];
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [result: T, seconds: number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}
