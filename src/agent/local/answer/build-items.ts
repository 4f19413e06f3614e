import type { Json, JsonObject } from '../../../base/json.ts';
import type { AgentOutput, Grounding } from '../../agent.ts';
import type { CorpusRecord, Table } from '../corpus/table.ts';
import type { Reading } from '../query/reading.ts';
import type { Evidence } from '../claims/claim.ts';
import { isSourceSlot, nameOf, type Slot } from '../schema/slots.ts';
import type { Research } from './answer.ts';
import { fitSchema, type Fitted } from '../assemble/fit-schema.ts';
import { describeAnswer, grouped } from './describe.ts';
import { effortOf } from './effort.ts';
import { Exclusions, slotFacets, tableFacets } from './exclusions.ts';
import { foundText } from './found-text.ts';
import { assembleItem, groundItem, itemValue, pathSegment, type Item } from './item.ts';
import { slotsOf, type Question } from './question.ts';
import type { Selected } from './select.ts';
import type { TopicPlan } from './topic-plan.ts';

/** An output, how many records were looked up for it, and the rows that it was made of. */
export interface Built {
  readonly output: AgentOutput;
  readonly searches: number;
  readonly rows: readonly number[];
}

/** What to make items of, and how many. */
export interface Wanted {
  readonly limit: number;
  /** The first so many records that fit. */
  readonly select: (limit: number) => Promise<Selected>;
}

/** Makes the items of a list, or the one object, from the records that are selected. */
export async function buildItems(
  question: Question,
  { plan, topics, unused }: TopicPlan,
  wanted: Wanted,
  research: Research,
): Promise<Built> {
  const { corpus } = research;
  const slots = slotsOf(question.shape);
  const single = question.shape.kind === 'object';
  const gathered = await gather(question, wanted, research);
  const { selected, excluded, searches, lacking } = gathered;
  const unsure = single && plan.order === undefined && selected.records.length > 1;
  const items = unsure ? [] : gathered.items;
  const empty = single && items.length === 0;
  const shown = empty
    ? [assembleItem(slots, [], () => null, question.columnOf, corpus.name)]
    : items;
  const fitted = assembled(question, shown, corpus.name, isDoubtful(question.reading, unused));
  const { structured, grounding } = fitted;
  const notes = unsure
    ? [
        `${grouped(selected.matching)} records fit and the output is one object, so nothing was filled.`,
      ]
    : lackingNotes(lacking);
  const text = describeAnswer({
    found: foundText(question.reading.table, plan, selected, items.length),
    conditions: plan.conditions,
    order: plan.order,
    topics,
    unused,
    notApplied: question.reading.notApplied,
    unknown: selected.unknown,
    excluded,
    unmatched: unmatchedSlots(slots, question, corpus.tables),
    notes: [...notes, ...removedNotes(fitted)],
  });
  return { output: { text, structured, grounding }, searches, rows: gathered.rows };
}

interface Gathered {
  readonly items: readonly Item[];
  /** Rows that were looked at for them. */
  readonly rows: readonly number[];
  readonly selected: Selected;
  readonly excluded: number;
  readonly searches: number;
  /** Records left out for want of a value, by the name of its slot. */
  readonly lacking: ReadonlyMap<string, number>;
}

/**
 * Items until there are enough. A record that lacks what the schema requires is no item of a list,
 * so further records are asked for in its place.
 */
async function gather(
  question: Question,
  { limit, select }: Wanted,
  research: Research,
): Promise<Gathered> {
  const slots = slotsOf(question.shape);
  const needed = question.shape.kind === 'list' ? slots.filter((slot) => slot.needed) : [];
  const isExcluded = secondGate(question, slots);
  const items: Item[] = [];
  const rows: number[] = [];
  const lacking = new Map<string, number>();
  let [searches, excluded] = [0, 0];
  for (let asked = limit; ; asked *= 2) {
    const selected = await select(asked);
    for (const record of selected.records.slice(rows.length)) {
      if (items.length >= limit) break;
      research.signal.throwIfAborted();
      const others = await linkedRecords(question, record, research);
      searches += others.length;
      rows.push(record.row);
      const evidence: Evidence[] = [{ record, by: 'selected' }, ...others];
      const { columnOf } = question;
      const item = assembleItem(slots, evidence, () => null, columnOf, research.corpus.name);
      const missing = missingSlot(item, needed);
      if (isExcluded(item)) excluded++;
      else if (missing === undefined) items.push(item);
      else lacking.set(missing, (lacking.get(missing) ?? 0) + 1);
    }
    if (items.length >= limit || selected.records.length < asked) {
      return { items, rows, selected, excluded: excluded + selected.excluded, searches, lacking };
    }
  }
}

/** The first slot that needs a value and has none. */
function missingSlot({ cells }: Item, needed: readonly Slot[]): string | undefined {
  const cell = cells.find(({ slot, value }) => value === null && needed.includes(slot));
  return cell && nameOf(cell.slot);
}

const lackingNotes = (lacking: ReadonlyMap<string, number>): readonly string[] =>
  [...lacking].map(([name, count]) => {
    const [have, were] = count === 1 ? ['record has', 'was'] : ['records have', 'were'];
    return `${grouped(count)} ${have} no ${name}, which the schema requires, and ${were} left out.`;
  });

/** Excluded by what the item says, together with what its record says. */
function secondGate(question: Question, slots: readonly Slot[]): (item: Item) => boolean {
  const { table } = question.reading;
  const exclusions = new Exclusions(
    question.request.input?.exclusion ?? [],
    [...slotFacets(slots, table, question.columnOf), ...tableFacets(table)],
    table.nouns,
  );
  return ({ cells, evidence }) => {
    const own = evidence.find(({ record }) => record.table === table)?.record.cells ?? [];
    return exclusions.match([...cells.map(({ value }) => value), ...own]) !== undefined;
  };
}

/** Names of slots that no file has a column for. */
export const unmatchedSlots = (
  slots: readonly Slot[],
  { columnOf }: Question,
  tables: readonly Table[],
): readonly string[] =>
  slots
    .filter(
      (slot) => !isSourceSlot(slot) && tables.every((table) => columnOf(slot, table) === undefined),
    )
    .map(nameOf);

/**
 * Records of other tables about the same thing, for slots that its own record leaves empty; with
 * much effort also for those that it fills, to hear whether they agree.
 */
async function linkedRecords(
  { shape, columnOf, reading, request }: Question,
  record: CorpusRecord,
  { corpus, linker }: Research,
): Promise<readonly Evidence[]> {
  const { sources } = effortOf(request.effort);
  const filled = (slot: Slot): boolean => {
    const column = columnOf(slot, record.table);
    if (column === undefined) return false;
    return !record.table.gathered || record.cells[column.index] !== null;
  };
  const open = slotsOf(shape).filter(
    (slot) => !isSourceSlot(slot) && (sources === 'again' || !filled(slot)),
  );
  const evidence: Evidence[] = [];
  for (const table of corpus.tables) {
    if (table === reading.table) continue;
    if (!open.some((slot) => columnOf(slot, table) !== undefined)) continue;
    const link = await linker.link(table, asObject(record));
    if (link.kind !== 'linked') continue;
    const [found] = await corpus.read(table, [link.row]);
    if (found !== undefined) evidence.push({ record: found, by: link.by });
  }
  return evidence;
}

/** The record under names that other tables may use: its label is also `name`. */
function asObject({ table, cells }: CorpusRecord): JsonObject {
  const entries = table.columns.map(({ name, index }) => [name, cells[index] ?? null] as const);
  const label = table.label === undefined ? null : (cells[table.label.index] ?? null);
  return { name: label, ...Object.fromEntries(entries) };
}

/** Words that may restrict the answer were left out: its records may be others than were meant. */
export const isDoubtful = ({ notApplied }: Reading, unused: readonly string[]): boolean =>
  notApplied.length > 0 || unused.length > 0;

/** Items in the place where the schema wants them, with the grounding of every value. */
export function assembled(
  question: Question,
  items: readonly Item[],
  corpus: string,
  doubtful: boolean,
): Fitted {
  const { structured, grounding } = inPlace(question, items, corpus, doubtful);
  return fitSchema(question.schema, structured, grounding);
}

/** What to say of values that the schema did not allow. */
export const removedNotes = ({ removed }: Fitted): readonly string[] =>
  removed.length === 0
    ? []
    : [`Left out because the schema does not allow it: ${removed.join('; ')}.`];

function inPlace(
  { shape }: Question,
  items: readonly Item[],
  corpus: string,
  doubtful: boolean,
): { readonly structured: Json; readonly grounding: readonly Grounding[] } {
  const [first] = items;
  if (shape.kind !== 'list') {
    if (first === undefined) return { structured: null, grounding: [] };
    return {
      structured: itemValue(first),
      grounding: groundItem(first, 'structured', corpus, doubtful),
    };
  }
  const values = items.map(itemValue);
  const { property, beside } = shape;
  const at = property === undefined ? 'structured' : `structured${pathSegment(property)}`;
  const grounding = items.flatMap((item, i) => groundItem(item, `${at}[${i}]`, corpus, doubtful));
  if (property === undefined) return { structured: values, grounding };
  const nulls = beside.map((name) => [name, null] as const);
  return { structured: Object.fromEntries([[property, values], ...nulls]), grounding };
}
