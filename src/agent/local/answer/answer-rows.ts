import type { Json, JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import type { Grounding } from '../../agent.ts';
import type { Column, CorpusRecord, Table } from '../corpus/table.ts';
import { nameWords } from '../text/words.ts';
import { isSourceSlot, type Slot } from '../schema/slots.ts';
import type { Answered, Research } from './answer.ts';
import { assembled, removedNotes, unmatchedSlots } from './build-items.ts';
import { describeAnswer, grouped } from './describe.ts';
import { effortOf } from './effort.ts';
import { Exclusions, slotFacets } from './exclusions.ts';
import type { Evidence } from '../claims/claim.ts';
import { assembleItem, type Item } from './item.ts';
import { recordLine, textOutput } from './lines.ts';
import { slotsOf, type Question } from './question.ts';

/**
 * Whether the input records are what to answer about, one item each: some of what they say is
 * asked for again, and the query asks for no number of something else at them.
 */
export function isAboutRows({ request, shape, reading, columnOf }: Question): boolean {
  const rows = request.input?.data ?? [];
  if (rows.length === 0) return false;
  if (shape.kind === 'none') return true;
  if (reading.order !== undefined || (reading.limit ?? rows.length) > rows.length) return false;
  if (shape.kind === 'object') return rows.length === 1;
  if (shape.slots.some((slot) => rows.some((row) => echoOf(row, slot) !== null))) return true;
  // A row whose `lighthouse` is the name of a lighthouse is about that one, known or not.
  const { table } = reading;
  const named = shape.slots.some((slot) => columnOf(slot, table) === table.label);
  return table.label !== undefined && named && rows.every((row) => namesRecord(row, table));
}

const namesRecord = (row: JsonObject, { nouns }: Table): boolean =>
  Object.keys(row).some((key) => {
    const words = nameWords(key);
    return words.length === 1 && nouns.has(words[0] ?? '');
  });

/** The input's own value for a slot, byte for byte; null when it has none of the slot's type. */
function echoOf(row: JsonObject, slot: Slot): Json {
  const exact = slot.path.length === 1 ? row[slot.path[0] ?? ''] : undefined;
  const words = slot.path.flatMap(nameWords).join(' ');
  const value =
    exact ?? Object.entries(row).find(([key]) => nameWords(key).join(' ') === words)?.[1];
  if (value === undefined || value === null || value === '') return null;
  return typeFits(value, slot) ? value : null;
}

function typeFits(value: Json, { types }: Slot): boolean {
  if (Array.isArray(value)) return types.has('array');
  if (typeof value === 'number') {
    return types.has('number') || (types.has('integer') && Number.isInteger(value));
  }
  return types.has(typeof value);
}

interface Resolved {
  readonly evidence: readonly Evidence[];
  readonly ambiguous: readonly string[];
  /** Tables that were asked. */
  readonly searches: number;
}

/** One item a row, in input order, filled from the records that the row is about. */
export async function answerRows(question: Question, research: Research): Promise<Answered> {
  const { request, shape, reading } = question;
  const all = request.input?.data ?? [];
  const limit = Math.min(
    shape.kind === 'list' ? (shape.maxItems ?? all.length) : all.length,
    reading.limit ?? all.length,
  );
  const rows = all.slice(0, limit);
  const found: Resolved[] = [];
  for (const row of rows) {
    research.signal.throwIfAborted();
    found.push(await resolve(question, row, rows, research));
  }
  const output =
    shape.kind === 'none'
      ? rowsAsText(question, rows, found, research)
      : itemsOutput(question, rows, found, research);
  const searches = found.reduce((sum, it) => sum + it.searches, 0);
  return ok({ output, searches, scanned: searches, continuation: undefined });
}

/** Looks the row up in every table that has something to say. */
async function resolve(
  { shape, columnOf, request }: Question,
  row: JsonObject,
  rows: readonly JsonObject[],
  { corpus, linker }: Research,
): Promise<Resolved> {
  const { sources } = effortOf(request.effort);
  let open = slotsOf(shape).filter((slot) => echoOf(row, slot) === null);
  const evidence: Evidence[] = [];
  const ambiguous: string[] = [];
  let searches = 0;
  for (const table of corpus.tables) {
    const useful =
      shape.kind === 'none' ||
      open.some((slot) => isSourceSlot(slot) || columnOf(slot, table) !== undefined);
    if (!useful) continue;
    searches++;
    const link = await linker.link(table, row, rows);
    if (link.kind === 'ambiguous') ambiguous.push(table.path);
    if (link.kind !== 'linked') continue;
    const [record] = await corpus.read(table, [link.row]);
    if (record === undefined) continue;
    evidence.push({ record, by: link.by });
    // With little effort the first source that says something is enough.
    if (sources === 'needed') open = open.filter((slot) => !says(record, columnOf(slot, table)));
  }
  return { evidence, ambiguous, searches };
}

const says = ({ cells }: CorpusRecord, column: Column | undefined): boolean =>
  column !== undefined && (cells[column.index] ?? null) !== null;

function itemsOutput(
  question: Question,
  rows: readonly JsonObject[],
  found: readonly Resolved[],
  { corpus }: Research,
): { readonly text: string; readonly structured: Json; readonly grounding: readonly Grounding[] } {
  const slots = slotsOf(question.shape);
  const { table } = question.reading;
  const exclusions = new Exclusions(
    question.request.input?.exclusion ?? [],
    slotFacets(slots, table, question.columnOf),
    table.nouns,
  );
  const items: Item[] = [];
  let excluded = 0;
  for (const [at, row] of rows.entries()) {
    const echo = (slot: Slot): Json => echoOf(row, slot);
    const item = assembleItem(
      slots,
      found[at]?.evidence ?? [],
      echo,
      question.columnOf,
      corpus.name,
    );
    const why = exclusions.match(
      item.cells.map(({ value }) => value),
      true,
    );
    if (why === undefined) {
      items.push(item);
      continue;
    }
    excluded++;
    // What the corpus said made it an excluded record: the row stays, without that.
    if (why.some((place) => item.cells[place]?.echoed === false)) {
      items.push(assembleItem(slots, [], echo, question.columnOf, corpus.name));
    }
  }
  const asked = slots.filter((slot) => rows.some((row) => echoOf(row, slot) === null));
  const unmatched = unmatchedSlots(asked, question, corpus.tables);
  const fitted = assembled(question, items, corpus.name, false);
  const { structured, grounding } = fitted;
  const text = rowsText(question, rows.length, found, excluded, unmatched, removedNotes(fitted));
  return { text, structured, grounding };
}

function rowsAsText(
  question: Question,
  rows: readonly JsonObject[],
  found: readonly Resolved[],
  { corpus }: Research,
): { readonly text: string; readonly structured: Json; readonly grounding: readonly Grounding[] } {
  const records = found.flatMap(({ evidence }) => evidence.map(({ record }) => record));
  const { mentioned, table: main } = question.reading;
  const lines = records.map((record) =>
    recordLine(
      record,
      record.table === main && mentioned.length > 0 ? mentioned : record.table.columns,
      corpus.name,
    ),
  );
  return textOutput(rowsText(question, rows.length, found, 0, []), lines);
}

function rowsText(
  { reading }: Question,
  rows: number,
  found: readonly Resolved[],
  excluded: number,
  unmatched: readonly string[],
  removed: readonly string[] = [],
): string {
  const perTable = new Map<string, number>();
  for (const { evidence } of found) {
    for (const { record } of evidence) {
      perTable.set(record.table.path, (perTable.get(record.table.path) ?? 0) + 1);
    }
  }
  const tables = [...perTable].map(([path, count]) => `${grouped(count)} in ${path}`);
  const none = found.filter(({ evidence }) => evidence.length === 0).length;
  const unclear = found.filter(({ ambiguous }) => ambiguous.length > 0).length;
  const notes = [...removed];
  if (none > 0) notes.push(`Without a record in the corpus: ${grouped(none)}.`);
  if (unclear > 0)
    notes.push(
      `Not linked because more than one record fits, or one contradicts: ${grouped(unclear)}.`,
    );
  const where = tables.length === 0 ? 'none in the corpus' : tables.join(', ');
  return describeAnswer({
    found: `Looked up ${grouped(rows)} input ${rows === 1 ? 'record' : 'records'}: found ${where}`,
    conditions: [],
    order: undefined,
    topics: [],
    unused: reading.unused,
    notApplied: reading.notApplied,
    unknown: [],
    excluded,
    unmatched,
    notes,
  });
}
