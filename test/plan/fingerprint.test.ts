import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import type { AnswerId } from '../../src/store/store.ts';
import { fingerprintIn, type Asked } from './steps-of.ts';
import { GOLDEN, FOLLOWED, SIZES } from './fixtures/questions.ts';

const ACME = { name: 'Acme', city: 'Zürich', size: 12 };
const ASKED: Asked = { row: ACME, excluded: [{ name: 'Bolt' }] };

const fingerprint = (text: string, asked: Asked = ASKED): Promise<string> =>
  fingerprintIn(text, asked);

/** An edit that must hit something, so that a test cannot pass by editing nothing. */
function edited(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`There is no "${from}" in the pipeline`);
  return text.replace(from, to);
}

describe('the fingerprint of a question', () => {
  // These are digests at rest in users' stores. A change makes all their answers unknown.
  test.each(GOLDEN)('$name stays what it is', async ({ text, asked, fingerprint: golden }) => {
    expect(await fingerprintIn(text, asked)).toBe(golden);
  });

  test('is the same in another process, locale and time zone', async () => {
    const tsx = fileURLToPath(import.meta.resolve('tsx'));
    const script = fileURLToPath(new URL('fixtures/print-fingerprints.ts', import.meta.url));
    const places = [
      { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' },
    ];
    for (const place of places) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, script], {
        env: { ...process.env, ...place },
      });
      expect(JSON.parse(stdout)).toEqual(GOLDEN.map((golden) => golden.fingerprint));
    }
  }, 60_000);
});

describe('a fingerprint changes with', () => {
  const edits: readonly (readonly [what: string, from: string, to: string])[] = [
    ['the query', 'How large', 'How big'],
    ['the system prompt', 'Be brief.', 'Be exact.'],
    ['the effort', 'effort: low', 'effort: medium'],
    ['a type in the schema', 'integer', 'number'],
    ['a description in the schema', 'Head count', 'Head count today'],
    ['the columns chosen', 'columns: [name, city]', 'columns: [name]'],
    ['the columns added', 'columns: [name, city]', 'columns: [name, city, size]'],
  ];
  test.each(edits)('%s', async (_, from, to) => {
    expect(await fingerprint(edited(SIZES, from, to))).not.toBe(await fingerprint(SIZES));
  });

  const askings: readonly (readonly [what: string, asked: Asked])[] = [
    ['a value that the query shows', { ...ASKED, row: { ...ACME, name: 'Acme AG' } }],
    ['a value that it does not show', { ...ASKED, row: { ...ACME, city: 'Zug' } }],
    ['a value of another type', { ...ASKED, row: { ...ACME, city: 8000 } }],
    ['a value that is gone', { ...ASKED, row: { name: 'Acme' } }],
    ['an exclusion more', { ...ASKED, excluded: [{ name: 'Bolt' }, { name: 'Cog' }] }],
    ['another exclusion', { ...ASKED, excluded: [{ name: 'Cog' }] }],
    ['an exclusion twice', { ...ASKED, excluded: [{ name: 'Bolt' }, { name: 'Bolt' }] }],
    ['no exclusion', { ...ASKED, excluded: [] }],
    ['the agent', { ...ASKED, agent: 'agent-api@2' }],
    ['the repeat', { ...ASKED, iteration: 1 }],
    [
      'an answer before it',
      { ...ASKED, continued: { fingerprint: FOLLOWED, agentRunId: 'r1', answer: 1 as AnswerId } },
    ],
  ];
  test.each(askings)('%s', async (_, asked) => {
    expect(await fingerprint(SIZES, asked)).not.toBe(await fingerprint(SIZES));
  });

  test('the answer that it continues', async () => {
    const after = (followed: string): Promise<string> =>
      fingerprint(SIZES, {
        ...ASKED,
        continued: {
          fingerprint: followed as Fingerprint,
          agentRunId: 'r1',
          answer: 1 as AnswerId,
        },
      });
    expect(await after('a')).not.toBe(await after('b'));
  });

  test('a value of a parameter that the query shows', async () => {
    const text = `version: 1
name: test
agent: local
params: { region: { type: string, default: EU } }
steps: { find: { query: 'Find firms in {{params.region}}.' } }`;
    const of = (region: string): Promise<string> => fingerprint(text, { params: { region } });
    expect(await of('EU')).not.toBe(await of('US'));
  });
});

describe('a fingerprint does not change with', () => {
  const edits: readonly (readonly [what: string, from: string, to: string])[] = [
    ['a comment', '    query:', '    # how large they are\n    query:'],
    ['a comment at the end of a line', 'effort: low', 'effort: low # enough'],
    ['the name of the pipeline', 'name: test', 'name: other'],
    ['the name of the step', '  sizes:', '  head_counts:'],
    ['the description of the pipeline', 'name: test', 'name: test\ndescription: Sizes of firms.'],
    ['the description of the step', '    query:', '    description: Sizes.\n    query:'],
    ['the concurrency of the pipeline', 'name: test', 'name: test\nconcurrency: 3'],
    ['the concurrency of the step', '    query:', '    concurrency: 2\n    query:'],
    ['the budget of the pipeline', 'name: test', 'name: test\nbudget: 3'],
    ['the budget of the step', '    query:', '    budget: 2\n    query:'],
    ['the most that one agent run may cost', '    query:', '    max_cost: 1\n    query:'],
    ['the time to live', '    query:', '    ttl: 30d\n    query:'],
    ['the retry policy', '    query:', '    retry: { maximum_attempts: 2 }\n    query:'],
    ['the timeout', '    query:', '    timeout: 5m\n    query:'],
    ['what happens at a failure', '    query:', '    on_error: stop\n    query:'],
    ['metadata', '    query:', '    metadata: { team: red }\n    query:'],
    [
      'the order of keys in the file',
      'effort: low\n    system: Be brief.',
      'system: Be brief.\n    effort: low',
    ],
    [
      'the order of keys in the schema',
      'type: integer, description: Head count',
      'description: Head count, type: integer',
    ],
    [
      'the order of properties',
      '{ name: { type: string }, n: { type: integer, description: Head count } }',
      '{ n: { type: integer, description: Head count }, name: { type: string } }',
    ],
    ['quotes', 'system: Be brief.', 'system: "Be brief."'],
    ['flow in place of block', '[name, city]', '\n        - name\n        - city'],
    ['the order of columns', '[name, city]', '[city, name]'],
    ['a limit on the input', 'columns: [name, city]', 'columns: [name, city], limit: 5'],
    ['the tests of the table', '    query:', '    tests: [{ unique: [name] }]\n    query:'],
  ];
  test.each(edits)('%s', async (_, from, to) => {
    const block = SIZES.replace(
      '{ from: [{ name: Acme, city: Bern, size: 1 }], columns: [name, city] }',
      '\n      from: [{ name: Acme, city: Bern, size: 1 }]\n      columns: [name, city]',
    );
    const base = to.startsWith('\n        -') ? block : SIZES;
    expect(await fingerprint(edited(base, from, to))).toBe(await fingerprint(SIZES));
  });

  test('line ends', async () => {
    const block = edited(
      SIZES,
      'How large is {{row.name}}?',
      '|-\n      How large\n      is {{row.name}}?',
    );
    expect(await fingerprint(block.replaceAll('\n', '\r\n'))).toBe(await fingerprint(block));
  });

  test('a byte order mark', async () => {
    expect(await fingerprint(`\ufeff${SIZES}`)).toBe(await fingerprint(SIZES));
  });

  const askings: readonly (readonly [what: string, asked: Asked])[] = [
    ['what the step itself found before', { ...ASKED, own: [{ name: 'Dot' }, { name: 'Eve' }] }],
    ['a column that is not chosen', { ...ASKED, row: { ...ACME, size: 13, more: true } }],
    [
      'the order of columns in a record',
      { ...ASKED, row: { size: 12, city: 'Zürich', name: 'Acme' } },
    ],
    ['whether a budget goes along', { ...ASKED, sendsBudget: true }],
    ['parameters that it does not show', { ...ASKED, params: { region: 'EU' } }],
  ];
  test.each(askings)('%s', async (_, asked) => {
    expect(await fingerprint(SIZES, asked)).toBe(await fingerprint(SIZES));
  });

  test('the order of exclusions', async () => {
    const of = (...names: readonly string[]): Promise<string> =>
      fingerprint(SIZES, { ...ASKED, excluded: names.map((name) => ({ name })) });
    expect(await of('Bolt', 'Cog', 'Dot')).toBe(await of('Dot', 'Bolt', 'Cog'));
  });

  test('the id of the agent run that it continues', async () => {
    const after = (agentRunId: string): Promise<string> =>
      fingerprint(SIZES, {
        ...ASKED,
        continued: { fingerprint: FOLLOWED, agentRunId, answer: 1 as AnswerId },
      });
    expect(await after('r1')).toBe(await after('r2'));
  });

  test('the size of its batch', async () => {
    const text = edited(SIZES, 'How large is {{row.name}}?', 'How large are they?');
    const key = edited(text, 'effort: low', 'key: name\n    effort: low');
    const batch = (size: number): string =>
      edited(key, 'columns: [name, city]', `columns: [name, city], batch: ${size}`);
    expect(await fingerprint(batch(10))).toBe(await fingerprint(batch(1)));
    expect(await fingerprint(batch(10))).toBe(await fingerprint(text));
  });
});
