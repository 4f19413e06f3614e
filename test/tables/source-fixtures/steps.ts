import type { JsonObject } from '../../../src/base/json.ts';
import type { TableRow } from '../../../src/execution/ports.ts';
import type { StepLayout } from '../../../src/store/store.ts';

/** A key that any record has. */
export const keyOf = (record: JsonObject): string => JSON.stringify(record['name'] ?? null);

/** An agent step whose records have these properties. */
function layoutOf(properties: JsonObject, key: readonly string[] = ['name']): StepLayout {
  const items: JsonObject = { type: 'object', properties };
  return {
    kind: 'agent',
    rank: 0,
    description: null,
    schema: { type: 'object', properties: { found: { type: 'array', items } } },
    records: { kind: 'array', property: 'found' },
    key,
    mode: 'replace',
    parent: null,
    columns: null,
    request: {},
  };
}

export const COMPANIES: StepLayout = layoutOf({
  name: { type: 'string' },
  domain: { type: 'string' },
  employees: { type: 'integer' },
  founded: { type: 'string', format: 'date' },
  tags: { type: 'array', items: { type: 'string' } },
  address: { type: 'object', properties: { city: { type: 'string' } } },
});
export const PEOPLE: StepLayout = layoutOf({
  company: { type: 'string' },
  name: { type: 'string' },
});

const rowOf = (record: JsonObject, at = 1): TableRow => ({
  record,
  _key: keyOf(record),
  _parent_key: null,
  _agent_run_id: `agent_run_${at}`,
  _answered_at: '2026-01-02T03:04:05.678Z',
  _confidence: 'high',
});

/** Portions of two rows, each portion of one agent run. */
export async function* rowsOf(records: readonly JsonObject[]): AsyncGenerator<readonly TableRow[]> {
  for (let at = 0; at < records.length; at += 2) {
    yield await Promise.resolve(records.slice(at, at + 2).map((record) => rowOf(record, at)));
  }
}

export const FOUND: JsonObject[] = [
  {
    name: 'Ü "A"',
    domain: 'a.io',
    employees: 10,
    founded: '2020-02-29',
    tags: ['x', 'y'],
    address: { city: 'Köln' },
  },
  { name: 'B', domain: 'b.io', employees: null },
  { name: 'C', domain: 'c.io', employees: 30, tags: [], extra: { kept: true } },
];
