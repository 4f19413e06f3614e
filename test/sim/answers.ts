import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';

/** Runs of a chain of follow-ups that find something new. */
const DEEPEST = 3;

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/**
 * What the simulated agent finds: a function of the question alone, so that every history of a
 * pipeline has the same tables in the end. `depth` counts the runs that this one follows up.
 */
export function answerTo(request: JsonObject, depth: number): Json {
  const query = text(request['query']);
  const input = request['input'];
  const rows = isJsonObject(input) && Array.isArray(input['data']) ? input['data'] : [];
  const records = (rows as readonly Json[]).filter((row) => isJsonObject(row));
  const [word = '', count] = query.split(' ');
  switch (word) {
    case 'List':
      return { found: names(Number(count), (n) => `${query} #${n}`) };
    case 'More': {
      const level = Math.min(depth, DEEPEST);
      return { found: names(2, (n) => `${query} ${level}-${n}`) };
    }
    case 'Where':
      return { town: `Town of ${text(records[0]?.['name'])}` };
    case 'Measure':
    case 'Compare':
      return { found: records.map(({ name }) => ({ name: name ?? null, size: sizeOf(name) })) };
    default:
      return { found: records.map(({ id }) => ({ name: `Firm ${text(id)}`, size: sizeOf(id) })) };
  }
}

const names = (count: number, name: (n: number) => string): Json =>
  Array.from({ length: count }, (_, n) => ({ name: name(n), size: n }));

const sizeOf = (name: Json | undefined): number => text(name).length;
