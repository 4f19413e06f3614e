import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { indexPath, openCorpus } from '../../../src/agent/local/open-corpus.ts';
import { seededRandom } from '../../rig/seeded-random.ts';
import { agentOver, ask, column, folderWith, items, listOf, NOW, openAgent } from './local-rig.ts';

const ACME = `<html><head><title>Acme</title><link rel="canonical" href="https://acme.example/about"></head>
<body><h1>Acme</h1><dl><dt>Founded</dt><dd>March 1, 2015</dd><dt>Employees</dt><dd>1,250 people</dd>
<dt>Headquarters</dt><dd>Berlin, Germany</dd><dt>Revenue</dt><dd>$12.5 million</dd></dl>
<p>Acme makes robot arms for bakeries.</p></body></html>`;
const BOLT = `# Bolt Data

- Founded: 2018
- Headcount: 80
- HQ: Oslo
- Languages: English, Norwegian and Sami

Bolt Data stores the data of robots. Unlike Acme, which has 9,999 employees, it is small.
`;
const CEDAR = `Cedar Health

Cedar Health was established in 2009 and is based in Lyon, France. The company employs 45 people.
`;
const FILES = {
  'companies/acme.html': ACME,
  'companies/bolt.md': BOLT,
  'companies/cedar.txt': CEDAR,
};
const FIRMS = listOf('companies', {
  name: 'string',
  founded_year: 'integer',
  employees: 'integer',
  headquarters: 'string',
  country: 'string',
});

describe('documents', () => {
  test('are a list that can be filtered and ranked, whatever their form', async () => {
    const run = await ask(await agentOver(FILES), {
      query: 'Companies with more than 50 employees, largest by employees first',
      outputSchema: FIRMS,
    });
    expect(items(run, 'companies')).toEqual([
      {
        name: 'Acme',
        founded_year: 2015,
        employees: 1250,
        headquarters: 'Berlin, Germany',
        country: 'Germany',
      },
      { name: 'Bolt Data', founded_year: 2018, employees: 80, headquarters: 'Oslo', country: null },
    ]);
    expect(run.output.text).toBe(
      'Found 2 records in companies/ (3 in all). Applied: employees > 50; ordered by employees, largest first.',
    );
  });

  test('beside each other in the corpus itself are called the documents', async () => {
    const files = { 'acme.html': ACME, 'bolt.md': BOLT, 'cedar.txt': CEDAR };
    const run = await ask(await agentOver(files), {
      query: 'Companies with more than 50 employees',
      outputSchema: FIRMS,
    });
    expect(run.output.text).toContain('Found 2 records in the documents (3 in all).');
  });

  test('are cited by the address that they state, and by the place in the file', async () => {
    const run = await ask(await agentOver(FILES), { query: 'Companies', outputSchema: FIRMS });
    const cited = (field: string): readonly string[] =>
      run.output.grounding
        .find((it) => it.field === `structured.companies${field}`)
        ?.citations.map(({ url }) => url) ?? [];
    expect(cited('[0].employees')[0]).toBe('https://acme.example/about');
    const place = /^corpus:\/\/facts\/companies\/acme\.html#char=(\d+),(\d+)$/.exec(
      cited('[0].employees')[1] ?? '',
    );
    expect(ACME.slice(Number(place?.[1]), Number(place?.[2]))).toBe('1,250 people');
    const [only] = cited('[1].employees');
    const [, start, end] =
      /^corpus:\/\/facts\/companies\/bolt\.md#char=(\d+),(\d+)$/.exec(only ?? '') ?? [];
    expect(BOLT.slice(Number(start), Number(end))).toBe('80');
  });

  test('fill rows, in the units of the slots, and never with what is said of others', async () => {
    const run = await ask(await agentOver(FILES), {
      query: 'Fill in each company.',
      input: { data: [{ company: 'Bolt Data AS' }, { company: 'ACME' }, { company: 'Nobody' }] },
      outputSchema: listOf('facts', {
        company: 'string',
        revenue_millions: 'number',
        revenue: 'string',
        headcount: 'integer',
        languages: 'array',
      }),
    });
    expect(items(run, 'facts')).toEqual([
      {
        company: 'Bolt Data AS',
        revenue_millions: null,
        revenue: null,
        headcount: 80,
        languages: ['English', 'Norwegian', 'Sami'],
      },
      {
        company: 'ACME',
        revenue_millions: 12.5,
        revenue: '$12.5 million',
        headcount: 1250,
        languages: null,
      },
      {
        company: 'Nobody',
        revenue_millions: null,
        revenue: null,
        headcount: null,
        languages: null,
      },
    ]);
  });

  test('and tables with a row for each thing are records, and join records of files', async () => {
    const agent = await agentOver({
      'list.html':
        '<table><tr><th>Name</th><th>Mayor</th><th>Area</th></tr><tr><td>Aford</td><td>Jo Kim</td><td>12 km²</td></tr><tr><td>Bford</td><td>Al Ray</td><td>7 km²</td></tr></table>',
      'cities.csv': 'name,people\nAford,3\nBford,9\n',
    });
    const run = await ask(agent, {
      query: 'Cities with more than 1 people, sorted by people, largest first',
      outputSchema: listOf('cities', {
        name: 'string',
        people: 'integer',
        mayor: 'string',
        area_km2: 'number',
      }),
    });
    expect(items(run, 'cities')).toEqual([
      { name: 'Bford', people: 9, mayor: 'Al Ray', area_km2: 7 },
      { name: 'Aford', people: 3, mayor: 'Jo Kim', area_km2: 12 },
    ]);
  });

  test('that agree make a value sure, and one that does not makes it doubtful', async () => {
    const page = (employees: string): string =>
      `# Acme\n\n- Employees: ${employees}\n- CEO: Jo Kim\n`;
    const agent = await agentOver({ 'a.md': page('12'), 'b.md': page('12'), 'c.md': page('99') });
    const run = await ask(agent, {
      query: 'Fill in',
      input: { data: [{ name: 'Acme' }] },
      outputSchema: listOf('facts', { name: 'string', employees: 'integer', ceo: 'string' }),
    });
    expect(items(run, 'facts')).toEqual([{ name: 'Acme', employees: 12, ceo: 'Jo Kim' }]);
    expect(
      run.output.grounding.map(({ field, confidence, citations }) => [
        field,
        confidence,
        citations.length,
      ]),
    ).toEqual([
      ['structured.facts[0].employees', 'low', 2],
      ['structured.facts[0].ceo', 'high', 3],
    ]);
  });

  test('are found by words that no column explains, and are quoted', async () => {
    const agent = await agentOver(FILES);
    const list = await ask(agent, { query: 'Companies for bakeries', outputSchema: FIRMS });
    expect(column(items(list, 'companies'), 'name')).toEqual(['Acme']);
    expect(list.output.text).toContain('“bakeries” matched as text in 1 record.');
    const text = await ask(agent, { query: 'Which companies make robot arms?' });
    expect(text.output.text).toContain('Acme: “Acme makes robot arms for bakeries.”');
    const urls = text.output.grounding[0]?.citations.map(({ url }) => url);
    expect(urls?.[0]).toBe('https://acme.example/about');
  });

  test('answer in their own sentences where nothing but words is known', async () => {
    const agent = await agentOver({
      'handbook.md':
        '# Handbook\n\nHolidays are taken in August. Expenses are paid back within ten days.\n\nThe office is closed on Sundays.\n',
    });
    const run = await ask(agent, { query: 'When are expenses paid back?' });
    expect(run.output.text.split('\n').slice(1)).toEqual([
      'Handbook: “Expenses are paid back within ten days.”',
    ]);
    const excluded = await ask(agent, {
      query: 'When are expenses paid back?',
      input: { exclusion: [{ name: 'Handbook' }] },
    });
    expect(excluded.status).toBe('failed');
  });

  test('never come back when they are excluded, in a list or in text', async () => {
    const agent = await agentOver(FILES);
    const input = { exclusion: [{ company: 'ACME Inc.' }, { name: 'cedar health' }] };
    const list = await ask(agent, { query: 'Companies', input, outputSchema: FIRMS });
    expect(column(items(list, 'companies'), 'name')).toEqual(['Bolt Data']);
    const text = await ask(agent, { query: 'Which companies make robot arms?', input });
    expect(text.output.text).not.toMatch(/Acme|Cedar/u);
    const small = await ask(agent, { query: 'Which companies are small?', input });
    expect(small.output.text).not.toMatch(/Acme|Cedar/u);
    const rows = await ask(agent, {
      query: 'Fill in',
      input: { ...input, data: [{ company: 'Acme' }, { company: 'Bolt Data' }] },
      outputSchema: listOf('facts', { company: 'string', employees: 'integer' }),
    });
    expect(items(rows, 'facts')).toEqual([{ company: 'Bolt Data', employees: 80 }]);
  });

  test('go on in follow-ups', async () => {
    const agent = await agentOver(FILES);
    const first = await ask(agent, {
      query: 'The 2 companies with most employees',
      outputSchema: FIRMS,
    });
    const more = await ask(agent, { query: '1 more', previousRunId: first.id });
    expect(column(items(first, 'companies'), 'name')).toEqual(['Acme', 'Bolt Data']);
    expect(column(items(more, 'companies'), 'name')).toEqual(['Cedar Health']);
  });

  test('more effort asks more sources, and that is counted', async () => {
    const agent = await agentOver({
      'a/acme.md': '# Acme\n\n- Employees: 12\n',
      'b/acme.md': '# Acme\n\n- Employees: 12\n',
    });
    const request = {
      query: 'Fill in',
      input: { data: [{ name: 'Acme' }] },
      outputSchema: listOf('facts', { name: 'string', employees: 'integer' }),
    };
    const low = await ask(agent, { ...request, effort: 'low' });
    const high = await ask(agent, { ...request, effort: 'high' });
    expect([low.usage.searches, high.usage.searches]).toEqual([1, 2]);
    expect([low, high].map((run) => run.output.grounding[0]?.confidence)).toEqual([
      'medium',
      'high',
    ]);
  });

  test('that cannot be read whole are named in every answer and left out', async () => {
    const agent = await agentOver({
      ...FILES,
      'companies/cut.html': '<html><body><h1>Cut</h1><dl><dt>Employees</dt><dd>77',
      'companies/binary.md': new Uint8Array([35, 32, 0, 1]),
      'companies/empty.txt': '\n\n',
      'companies/cut-letter.txt': new Uint8Array([104, 0xc3]),
    });
    expect(agent.warnings).toEqual([
      'companies/binary.md is not used: it is binary, not text.',
      'companies/cut-letter.txt is not used: it is not UTF-8 text.',
      'companies/empty.txt is not used: it is empty.',
    ]);
    const run = await ask(agent, { query: 'Companies', outputSchema: FIRMS });
    expect(column(items(run, 'companies'), 'name')).toEqual(['Acme', 'Bolt Data', 'Cedar Health']);
    expect(run.output.text).toContain(
      'companies/cut.html is not used: it ends before its closing </html>.',
    );
  });

  test('and a value that the schema does not allow is left out, with a word about it', async () => {
    const run = await ask(await agentOver(FILES), {
      query: 'Companies',
      outputSchema: {
        type: 'object',
        properties: {
          companies: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                name: { type: 'string', maxLength: 9 },
                employees: { type: ['integer', 'null'], maximum: 100 },
              },
            },
          },
        },
      },
    });
    expect(items(run, 'companies')).toEqual([
      { name: 'Acme', employees: null },
      { name: 'Bolt Data', employees: 80 },
      { name: null, employees: 45 },
    ]);
    expect(run.output.grounding.map(({ field }) => field)).toEqual([
      'structured.companies[0].name',
      'structured.companies[1].name',
      'structured.companies[1].employees',
      'structured.companies[2].employees',
    ]);
    expect(run.output.text).toContain('companies[0].employees should be at most 100, is 1250');
  });
});

test('the same corpus, request and clock give the same bytes', async () => {
  const folder = await folderWith(FILES);
  const answers: string[] = [];
  for (let i = 0; i < 2; i++) {
    const agent = await openAgent(folder);
    onTestFinished(() => agent.close());
    const run = await ask(agent, { query: 'Companies that make robot arms', outputSchema: FIRMS });
    answers.push(JSON.stringify({ ...run, id: '' }));
  }
  expect(answers[0]).toBe(answers[1]);
});

test('only new and changed documents are read again', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const open = async (): Promise<readonly unknown[]> => {
    const clock = { now: () => NOW, sleep: () => Promise.resolve() };
    const opened = await openCorpus({ folder, indexFolder, clock, random: seededRandom() });
    if (!opened.ok) throw new Error(opened.error);
    await opened.value.corpus.close();
    const { work, corpus } = opened.value;
    return [work.known, work.read, work.problem, corpus.tables.map(({ rows }) => rows)];
  };
  expect(await open()).toEqual([0, 3, undefined, [3]]);
  expect(await open()).toEqual([3, 0, undefined, [3]]);
  await writeFile(join(folder, 'companies/cedar.txt'), CEDAR.replace('45', '46'));
  await writeFile(join(folder, 'companies/dune.md'), '# Dune\n\n- Employees: 4\n');
  expect(await open()).toEqual([2, 2, undefined, [4]]);
  // An index that is none is made anew, and nothing else is left behind.
  await writeFile(indexPath(indexFolder, folder), 'no index');
  expect(await open()).toEqual([0, 4, undefined, [4]]);
  const left = (await readdir(indexFolder)).filter((name) => !name.endsWith('.files.json'));
  expect(left).toHaveLength(1);
});
