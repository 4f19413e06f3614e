import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLocalAgent } from '../../../src/agent/local/local-agent.ts';
import { LocalEngine } from '../../../src/server/local-engine.ts';
import { seededRandom } from '../../rig/seeded-random.ts';
import { REAL_CLOCK, startServer, type StartedServer } from '../start-server.ts';
import { officialSdks } from './official-sdk.ts';
import { seedCalls } from './seed-calls.ts';

const sdks = await officialSdks();
const CORPUS = fileURLToPath(new URL('../../../pipelines/corpus', import.meta.url));
const SOON = { pollInterval: 10 };

/** The server over the agent of this project and the corpus of its examples. */
async function serveCorpus(): Promise<StartedServer> {
  const agent = await openLocalAgent({
    name: 'local',
    corpusFolder: CORPUS,
    clock: REAL_CLOCK,
    random: seededRandom(),
  });
  if (!agent.ok) throw new Error(agent.error.message);
  return startServer({ engine: new LocalEngine(agent.value) });
}

const nameOf = ({ name }: { readonly name: string }): string => name;

describe.each(sdks)('$name and the local agent', ({ connect, betas, zod: { z } }) => {
  test('a list with sources, a follow-up of it, and records to complete', async () => {
    const server = await serveCorpus();
    const runs = connect(server.url, server.token);
    const answer = z.object({
      countries: z.array(z.object({ name: z.string(), population: z.number().nullable() })),
    });
    const ask = async (body: object) => {
      const { id } = await runs.create({ outputSchema: answer, ...body, ...betas });
      return await runs.pollUntilFinished(id, { ...SOON, ...betas });
    };

    const largest = await ask({ query: 'The three largest countries in Africa by population.' });
    expect(largest).toMatchObject({ status: 'completed', stopReason: 'schema_satisfied' });
    const { countries } = answer.parse(largest.output.structured);
    expect(countries.map(nameOf)).toEqual(['Nigeria', 'Ethiopia', 'Egypt']);
    expect(countries.map(({ population }) => population)).toEqual(
      countries.map(({ population }) => population).toSorted((a, b) => Number(b) - Number(a)),
    );
    expect(largest.output.grounding).toContainEqual(
      expect.objectContaining({ field: 'structured.countries[0].population' }),
    );
    expect(largest.usage['searches']).toBeGreaterThan(0);

    const more = await ask({ query: '2 more', previousRunId: largest.id });
    const added = answer.parse(more.output.structured).countries.map(nameOf);
    expect(added).toHaveLength(2);
    expect(added.filter((name) => countries.map(nameOf).includes(name))).toEqual([]);

    const rows = await ask({
      query: 'Give the population of each country.',
      input: { data: [{ name: 'Kenya' }, { name: 'Peru' }] },
    });
    expect(answer.parse(rows.output.structured).countries.map(nameOf)).toEqual(['Kenya', 'Peru']);
  });
});

test.each(seedCalls.filter(({ body }) => body['previousRunId'] === undefined))(
  'the printed call “$name” ends in words about what the corpus has, and invents nothing',
  async ({ body }) => {
    const server = await serveCorpus();
    const [sdk] = sdks;
    if (sdk === undefined) throw new Error('There is no SDK.');
    const runs = sdk.connect(server.url, server.token);
    const { id } = await runs.create(body);
    const { status, output, error, usage } = await runs.pollUntilFinished(id, SOON);
    // The corpus knows countries only, so some of these questions cannot even be ranked.
    expect(['completed', 'failed']).toContain(status);
    expect(status === 'failed' ? error?.type : 'answered').toMatch(
      /^(?:INVALID_REQUEST|answered)$/u,
    );
    expect((error?.message ?? output.text).length).toBeGreaterThan(20);
    expect(JSON.stringify(output.structured)).not.toContain('@');
    expect(usage).toMatchObject({ emails: 0, phoneNumbers: 0 });
  },
);
