import type { JsonObject } from '../../../base/json.ts';
import type { AgentRequest } from '../../agent.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Column, Table } from '../corpus/table.ts';
import type { Condition, Order, Reading } from '../query/reading.ts';
import { understand } from '../query/understand.ts';
import { columnForSlot } from '../schema/match-slots.ts';
import { shapeOf, type Shape, type Slot } from '../schema/slots.ts';
import { nameWords, wordsOf } from '../text/words.ts';

/** What of an answered request a follow-up builds on. */
export interface Continuation {
  readonly table: Table;
  readonly conditions: readonly Condition[];
  readonly order: Order | undefined;
  readonly limit: number | undefined;
  readonly schema: JsonObject | undefined;
  /** Rows that have the words which were searched for; undefined when none were. */
  readonly topic: readonly number[] | undefined;
  /** Rows of the last answer, in its order. */
  readonly rows: readonly number[];
  /** Rows of all answers before it. */
  readonly earlier: readonly number[];
}

/** A request, read against the corpus. */
export interface Question {
  readonly request: AgentRequest;
  readonly schema: JsonObject | undefined;
  readonly shape: Shape;
  /** Of the table that the request is about. */
  readonly reading: Reading;
  readonly columnOf: (slot: Slot, table: Table) => Column | undefined;
}

/** Slots to fill, wherever they are. */
export const slotsOf = (shape: Shape): readonly Slot[] =>
  shape.kind === 'none' ? [] : shape.slots;

/**
 * Reads a request against every table and keeps the reading that explains most of its words and
 * fills most of its slots; of two alike, the table that comes first in the corpus.
 */
export function readQuestion(
  request: AgentRequest,
  corpus: Corpus,
  nowMs: number,
  before: Continuation | undefined,
): Question {
  const schema = request.outputSchema ?? before?.schema;
  const shape = shapeOf(schema);
  const slots = slotsOf(shape);
  const columnOf = memoized(columnForSlot);
  const known = new Set([
    ...knownWords(request, slots),
    ...(before === undefined ? [] : FOLLOWING),
  ]);
  const tables = before === undefined ? corpus.tables : [before.table];
  let best: { readonly reading: Reading; readonly score: number } | undefined;
  for (const table of tables) {
    const wanted = slots.flatMap((slot) => columnOf(slot, table) ?? []);
    const nouns = shape.kind === 'list' ? listNouns(shape.property) : [];
    const asked = { query: request.query, nouns, known, wanted, nowMs };
    const reading = understand(asked, table, corpus.values);
    const score = fitness(reading, wanted.length, slots.length);
    if (best === undefined || score > best.score) best = { reading, score };
  }
  if (best === undefined) throw new Error('A corpus has at least one table.');
  return { request, schema, shape, reading: best.reading, columnOf };
}

/** Words that say how a follow-up goes on from the run before it. */
const FOLLOWING = 'more another additional further next narrow keep restrict filter'.split(' ');

function fitness(reading: Reading, matched: number, slots: number): number {
  const share = slots === 0 ? 0 : matched / slots;
  return (
    reading.explained +
    4 * share +
    (reading.named ? 2 : 0) -
    2 * reading.unused.length -
    2 * reading.notApplied.length -
    (reading.unrankable === undefined ? 0 : 3)
  );
}

const listNouns = (property: string | undefined): readonly string[] => {
  const noun = nameWords(property ?? '').at(-1);
  return noun === undefined ? [] : [noun];
};

/** Names of what is to be filled, and what the input says, need no column of their own. */
function knownWords(request: AgentRequest, slots: readonly Slot[]): ReadonlySet<string> {
  const known = new Set(slots.flatMap(({ path }) => path.flatMap(nameWords)));
  for (const record of request.input?.data ?? []) {
    for (const [key, value] of Object.entries(record)) {
      for (const word of nameWords(key)) known.add(word);
      if (typeof value === 'string' && value.length <= 200) {
        for (const word of wordsOf(value)) known.add(word);
      }
      if (typeof value === 'number') known.add(String(value));
    }
  }
  return known;
}

function memoized(
  find: (slot: Slot, table: Table) => Column | undefined,
): (slot: Slot, table: Table) => Column | undefined {
  const found = new Map<Slot, Map<Table, Column | undefined>>();
  return (slot, table) => {
    let byTable = found.get(slot);
    if (byTable === undefined) {
      byTable = new Map<Table, Column | undefined>();
      found.set(slot, byTable);
    }
    if (!byTable.has(table)) byTable.set(table, find(slot, table));
    return byTable.get(table);
  };
}
