import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { backendCases, problem, value } from '../backend.cases.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import {
  agentOver,
  ask,
  column,
  COMPANIES,
  folderWith,
  items,
  listOf,
  never,
  openAgent,
} from './local-rig.ts';

const NAMES = listOf('countries', { name: 'string' });
const FIRMS = listOf('companies', { name: 'string' });
const TOP = {
  query: 'The ten largest countries in Africa by population, with their area.',
  outputSchema: listOf('countries', { name: 'string', population: 'integer', area_km2: 'number' }),
};

backendCases(
  'the local agent',
  {
    completes: { query: 'The three largest companies by revenue', outputSchema: FIRMS },
    alsoCompletes: { query: 'Companies in Germany', outputSchema: FIRMS },
    fails: { query: 'Who won the cup?' },
    followUp: { query: 'Find 2 more.' },
  },
  async () => ({
    backend: await openAgent(await folderWith({ 'companies.csv': COMPANIES })),
    drive: (work) => work,
  }),
);

let shared: ReturnType<typeof openAgent> | undefined;

/** The agent over the quick start's corpus; all tests of this file share it. */
const quickstart = (): ReturnType<typeof openAgent> => (shared ??= openAgent());

afterAll(async () => (await shared)?.close());

describe('a list', () => {
  test('has right facts, each with the row that states it', async () => {
    const run = await ask(await quickstart(), TOP);
    expect(items(run, 'countries').slice(0, 4)).toEqual([
      { name: 'Nigeria', population: 195_874_740, area_km2: 923_768 },
      { name: 'Ethiopia', population: 109_224_559, area_km2: 1_104_300 },
      { name: 'Egypt', population: 98_423_595, area_km2: 1_001_449 },
      { name: 'The Democratic Republic of Congo', population: 84_068_091, area_km2: null },
    ]);
    expect(run.output.grounding[1]).toEqual({
      field: 'structured.countries[0].population',
      citations: [{ url: 'corpus://corpus/countries.csv#row=155', title: 'countries, row 155' }],
      confidence: 'high',
    });
    expect(run.output.grounding.map(({ field }) => field)).not.toContain(
      'structured.countries[3].area_km2',
    );
    expect(run.output.text).toBe(
      'Found 10 of 59 matching records in countries.csv (239 in all). Applied: continent = Africa; ordered by population, largest first.',
    );
    expect(run).toMatchObject({
      stopReason: 'schema_satisfied',
      usage: { agentComputeUnits: 1, searches: 1, emails: 0, phoneNumbers: 0 },
      costDollars: { total: 0, agentCompute: 0, search: 0 },
    });
  });

  test('takes what its own table has no column for from another source', async () => {
    const outputSchema = listOf('countries', { name: 'string', capital: 'string', gdp: 'number' });
    const run = await ask(await quickstart(), { ...TOP, outputSchema });
    expect(items(run, 'countries')[0]).toEqual({ name: 'Nigeria', capital: 'Abuja', gdp: null });
    expect(run.output.text).toContain('No column for: gdp.');
    const capital = run.output.grounding.find(({ field }) => field.endsWith('[0].capital'));
    expect(capital?.citations[0]?.url).toBe(
      'corpus://corpus/currencies-and-languages.ndjson#row=164',
    );
  });

  test('is never longer than the query, or the schema, says', async () => {
    const agent = await quickstart();
    const outputSchema = listOf('countries', { name: 'string' }, { maxItems: 4 });
    const query = 'Find up to 7 landlocked countries';
    expect(items(await ask(agent, { query, outputSchema: NAMES }), 'countries')).toHaveLength(7);
    expect(items(await ask(agent, { query, outputSchema }), 'countries')).toHaveLength(4);
    const short = await ask(agent, {
      query: 'Find 20 landlocked countries in South America',
      outputSchema: NAMES,
    });
    expect(items(short, 'countries')).toHaveLength(2);
    expect(short.output.text).toContain('(20 were asked for)');
  });

  test('can be the output itself, and items may be nested', async () => {
    const run = await ask(await quickstart(), {
      query: 'The two largest countries by area',
      outputSchema: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            size: { type: 'object', properties: { area_km2: { type: 'number' } } },
            source_url: { type: 'string', format: 'uri' },
          },
        },
      },
    });
    expect(run.output.structured).toEqual([
      {
        name: 'Russia',
        size: { area_km2: 17_075_400 },
        source_url: 'corpus://corpus/countries.csv#row=177',
      },
      {
        name: 'Antarctica',
        size: { area_km2: 13_120_000 },
        source_url: 'corpus://corpus/countries.csv#row=8',
      },
    ]);
    expect(run.output.grounding[1]?.field).toBe('structured[0].size.area_km2');
  });
});

describe('records as input', () => {
  const outputSchema = listOf('facts', {
    name: 'string',
    code: 'string',
    capital: 'string',
    population: 'integer',
    languages: 'array',
  });
  const data: readonly JsonObject[] = [
    { name: ' nigeria', code: 'NG' },
    { name: 'Atlantis' },
    { name: 'Switzerland', population: 1 },
    { name: ' nigeria', code: 'NG' },
  ];

  test('come back one by one in order, as they were, with what the sources say', async () => {
    const run = await ask(await quickstart(), {
      query: 'Give capital, population and languages of each country.',
      input: { data },
      outputSchema,
    });
    const nigeria = {
      name: ' nigeria',
      code: 'NG',
      capital: 'Abuja',
      population: 195_874_740,
      languages: ['English'],
    };
    expect(items(run, 'facts')).toEqual([
      nigeria,
      { name: 'Atlantis', code: null, capital: null, population: null, languages: null },
      {
        name: 'Switzerland',
        code: 'CH',
        capital: 'Bern',
        population: 1,
        languages: ['German', 'French', 'Italian'],
      },
      nigeria,
    ]);
    const fields = run.output.grounding.map(({ field }) => field);
    expect(fields).toContain('structured.facts[2].languages[1]');
    expect(fields).not.toContain('structured.facts[0].name');
    expect(fields).not.toContain('structured.facts[2].population');
    expect(run.output.text).toBe(
      'Looked up 4 input records: found 3 in countries.csv, 3 in currencies-and-languages.ndjson. Without a record in the corpus: 1.',
    );
  });

  test('the first source wins a conflict, and the confidence says that there was one', async () => {
    const agent = await agentOver({
      'a.csv': 'name,capital\nFreedonia,Aville\nSylvania,Bville\n',
      'b.csv': 'name,capital\nFreedonia,Aville\nSylvania,Cville\n',
    });
    const run = await ask(agent, {
      query: 'Capital of each',
      input: { data: [{ name: 'Freedonia' }, { name: 'Sylvania' }] },
      outputSchema: listOf('facts', { name: 'string', capital: 'string' }),
    });
    expect(column(items(run, 'facts'), 'capital')).toEqual(['Aville', 'Bville']);
    expect(run.output.grounding.map((it) => [it.citations.length, it.confidence])).toEqual([
      [2, 'high'],
      [1, 'low'],
    ]);
  });

  test('that belong to many records select them', async () => {
    const agent = await agentOver({
      'people.csv': 'name,company,role\nJo Kim,Acme,CTO\nAl Ray,Bolt,CEO\nAda Ray,Acme,CEO\n',
    });
    const run = await ask(agent, {
      query: 'Find up to 3 people at the company.',
      input: { data: [{ company: 'Acme', domain: 'acme.com' }] },
      outputSchema: listOf('people', { name: 'string', company: 'string', role: 'string' }),
    });
    expect(column(items(run, 'people'), 'name')).toEqual(['Jo Kim', 'Ada Ray']);
  });
});

describe('exclusions', () => {
  test('are kept out before the limit, by any spelling', async () => {
    const run = await ask(await quickstart(), {
      ...TOP,
      input: {
        exclusion: [
          { name: 'NIGERIA' },
          { country: 'Egypt' },
          { animal: 'Democratic Republic of the Congo' },
        ],
      },
    });
    const names = column(items(run, 'countries'), 'name');
    expect(names).toHaveLength(10);
    expect(names.slice(0, 2)).toEqual(['Ethiopia', 'South Africa']);
    expect(run.output.text).toContain('Excluded by input: 3.');
  });

  test('with several properties exclude only what agrees in all of them', async () => {
    const agent = await agentOver({
      'people.csv': 'name,company,role\nJo Kim,Acme,CTO\nJo Kim,Bolt,CEO\nAda Ray,Acme,CEO\n',
    });
    const run = await ask(agent, {
      query: 'All people',
      input: { exclusion: [{ company: 'Acme Inc', name: 'jo kim' }] },
      outputSchema: listOf('people', { name: 'string' }),
    });
    expect(column(items(run, 'people'), 'name')).toEqual(['Jo Kim', 'Ada Ray']);
  });

  test('take a found value out of a row, and the row stays', async () => {
    const agent = await agentOver({ 'ceos.csv': 'company,ceo\nApple,Tim Cook\nAcme,Jo Kim\n' });
    const run = await ask(agent, {
      query: 'Who is the ceo?',
      input: {
        data: [{ company: 'Apple' }, { company: 'Acme' }],
        exclusion: [{ company: 'Apple', ceo: 'Tim Cook' }],
      },
      outputSchema: listOf('firms', { company: 'string', ceo: 'string' }),
    });
    expect(items(run, 'firms')).toEqual([
      { company: 'Apple', ceo: null },
      { company: 'Acme', ceo: 'Jo Kim' },
    ]);
  });
});

describe('one object, and text', () => {
  const outputSchema = {
    type: 'object',
    properties: { country: { type: 'string' }, capital: { type: 'string' } },
  };

  test('an object is filled from the one record that fits', async () => {
    const run = await ask(await quickstart(), {
      query: 'What is the capital of France?',
      outputSchema,
    });
    expect(run.output.structured).toEqual({ country: 'France', capital: 'Paris' });
    expect(run.output.grounding[1]?.field).toBe('structured.capital');
  });

  test('an object is left empty when several records fit', async () => {
    const run = await ask(await quickstart(), {
      query: 'A country that speaks German',
      outputSchema,
    });
    expect(run.output.structured).toEqual({ country: null, capital: null });
    expect(run.output.text).toContain('records fit and the output is one object');
  });

  test('without a schema the answer is sentences with their sources', async () => {
    const run = await ask(await quickstart(), {
      query: 'The two largest countries in Oceania by area',
    });
    expect(run.output).toEqual({
      text: [
        'Found 2 of 27 matching records in countries.csv (239 in all). Applied: continent = Oceania; ordered by area_km2, largest first. 1 record has no area_km2 and was left out.',
        'Australia: area_km2 7741220.',
        'Papua New Guinea: area_km2 462840.',
      ].join('\n'),
      structured: null,
      grounding: [
        {
          field: 'text',
          citations: [
            { url: 'corpus://corpus/countries.csv#row=13', title: 'countries, row 13' },
            { url: 'corpus://corpus/countries.csv#row=166', title: 'countries, row 166' },
          ],
          confidence: 'high',
        },
      ],
    });
  });
});

describe('the agent itself', () => {
  test('its identity changes with the corpus, not with notices beside it', async () => {
    const identity = async (files: Readonly<Record<string, string>>): Promise<string> =>
      (await agentOver(files)).identity;
    const first = await identity({ 'a.csv': 'name\nx\n' });
    expect(first).toMatch(/^local\/\d+\/[0-9a-f]{64}$/);
    expect(await identity({ 'a.csv': 'name\nx\n', 'NOTICE.md': 'text', LICENSE: 'MIT' })).toBe(
      first,
    );
    expect(await identity({ 'a.csv': 'name\ny\n' })).not.toBe(first);
    expect(await identity({ 'b.csv': 'name\nx\n' })).not.toBe(first);
  });

  test('the same request gives the same answer', async () => {
    const one = await quickstart();
    const two = await openAgent();
    onTestFinished(() => two.close());
    const request = { ...TOP, query: `${TOP.query} Prefer nice ones.` };
    const first = await ask(one, request);
    await ask(two, { query: 'countries in Asia' });
    const second = await ask(two, request);
    expect(JSON.stringify({ ...second, id: '' })).toBe(JSON.stringify({ ...first, id: '' }));
  });

  test('an active run can be cancelled, and stays so', async () => {
    const agent = await quickstart();
    const { id, status } = value(await agent.create(TOP, never));
    expect(status).toBe('running');
    const cancelled = value(await agent.cancel(id, never));
    expect(cancelled).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' });
    await ask(agent, TOP);
    expect(value(await agent.wait(id, never))).toEqual(cancelled);
  });

  test('an abort ends the waiting, not the run', async () => {
    const agent = await quickstart();
    const { id } = value(await agent.create(TOP, never));
    const abort = new AbortController();
    const waiting = agent.wait(id, abort.signal);
    abort.abort();
    expect(problem(await waiting).kind).toBe('cancelled');
    expect(value(await agent.wait(id, never)).status).toBe('completed');
  });

  test('old runs are forgotten, new ones are not', async () => {
    const agent = await agentOver({ 'companies.csv': COMPANIES });
    const first = await ask(agent, { query: 'companies in Oslo' });
    let last = first.id;
    for (let i = 0; i < 1_000; i++) last = (await ask(agent, { query: 'Who won?' })).id;
    expect(problem(await agent.get(first.id, never)).kind).toBe('not-found');
    expect(value(await agent.get(last, never)).status).toBe('failed');
    expect(value(await agent.list({ limit: 5_000 }, never)).runs).toHaveLength(1_000);
  });

  test('closing ends what runs', async () => {
    const agent = await openAgent(await folderWith({ 'companies.csv': COMPANIES }));
    const { id } = value(await agent.create({ query: 'companies in Oslo' }, never));
    await agent.close();
    await setImmediate();
    expect(value(await agent.get(id, never)).status).toBe('cancelled');
  });
});
