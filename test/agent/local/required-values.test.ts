import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { agentOver, ask, column, COMPANIES, items } from './local-rig.ts';

/** Companies with properties that may or may not be null or missing. */
const companies = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'object',
  properties: {
    companies: { type: 'array', items: { type: 'object', properties, required: [...required] } },
  },
});

const NAME = { type: 'string' };

test('a record without a value that the schema requires is no item of a list', async () => {
  const agent = await agentOver({ 'companies.csv': COMPANIES });
  const run = await ask(agent, {
    query: 'companies in Norway',
    outputSchema: companies({ name: NAME, founded: { type: 'integer' } }, ['name', 'founded']),
  });
  expect(items(run, 'companies')).toEqual([{ name: 'Fjord Bank', founded: 1998 }]);
  expect(run.output.text).toContain(
    '1 record has no founded, which the schema requires, and was left out.',
  );
});

test('a value that may be null or missing keeps its record', async () => {
  const agent = await agentOver({ 'companies.csv': COMPANIES });
  const query = 'companies in Norway';
  const nullable = await ask(agent, {
    query,
    outputSchema: companies({ name: NAME, founded: { type: ['integer', 'null'] } }, ['founded']),
  });
  expect(column(items(nullable, 'companies'), 'founded')).toEqual([1998, null]);
  const optional = await ask(agent, {
    query,
    outputSchema: companies({ name: NAME, founded: { type: 'integer' } }, ['name']),
  });
  expect(column(items(optional, 'companies'), 'founded')).toEqual([1998, null]);
});

test('others take its place up to the number that was asked for', async () => {
  const agent = await agentOver({ 'companies.csv': COMPANIES });
  const run = await ask(agent, {
    query: '3 companies sorted by employees, largest first',
    outputSchema: companies({ name: NAME, last_round: { type: 'string' } }, ['last_round']),
  });
  expect(column(items(run, 'companies'), 'name')).toEqual([
    'Delta Grid',
    'Acme Robotics',
    'Kite Mobility',
  ]);
});

test('what a follow-up asks for more of begins after the last record that was looked at', async () => {
  const agent = await agentOver({ 'companies.csv': COMPANIES });
  const run = await ask(agent, {
    query: '2 companies sorted by employees, largest first',
    outputSchema: companies({ name: NAME, last_round: { type: 'string' } }, ['last_round']),
  });
  const more = await ask(agent, { query: 'Find 2 more.', previousRunId: run.id });
  expect(column(items(run, 'companies'), 'name')).toEqual(['Delta Grid', 'Acme Robotics']);
  expect(column(items(more, 'companies'), 'name')).toEqual(['Kite Mobility', 'Iris Vision']);
});

test('input records keep their item, with null', async () => {
  const agent = await agentOver({ 'companies.csv': COMPANIES });
  const run = await ask(agent, {
    query: 'When were the input companies founded?',
    input: { data: [{ name: 'Lumen Air' }, { name: 'Juno Foods' }] },
    outputSchema: companies({ name: NAME, founded: { type: 'integer' } }, ['name', 'founded']),
  });
  expect(column(items(run, 'companies'), 'founded')).toEqual([null, 1987]);
});
