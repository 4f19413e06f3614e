import type { AgentRun } from '../../src/agent/agent.ts';
import type { LocalAgent } from '../../src/agent/local/local-agent.ts';
import { canonicalJson, type Json, type JsonObject } from '../../src/base/json.ts';
import { align, type ListTally } from './align.ts';
import type { Split } from './chance.ts';
import { ask, withAgent } from './corpora.ts';
import type { Records } from './data-sets.ts';
import { countFigure, f1, ratioFigure, type Figure, type Share, type Tally } from './figures.ts';
import { openGold, type GoldDatabase } from './gold-database.ts';
import { cited, citedUrls } from './grounding-check.ts';
import { listSchema } from './list-schema.ts';
import { firstOfType, Naive } from './naive.ts';
import { queryCases, queryRecords } from './query-sets.ts';
import type { QueryCase } from './queries/template.ts';
import type { Report } from './report.ts';

interface Scored {
  readonly it: QueryCase;
  readonly tally: ListTally;
  readonly naive: ListTally;
  readonly ordered: Share | undefined;
  readonly cited: Share;
  readonly strangers: number;
  readonly overLimit: number;
  readonly leaks: number;
  readonly overMaximum: number;
}

/**
 * Suite L: lists over records. Each query comes with a schema of several properties; the gold is
 * SQL. `every` takes one case in so many, for a run that must be short.
 */
export function suiteLists(report: Report, every = 1): Promise<readonly Figure[]> {
  const sets = queryRecords();
  const cases = queryCases().filter((_, at) => at % every === 0);
  return withAgent(sets, async (agent, folder) => {
    const gold = await openGold(folder, Object.keys(sets));
    const naive = new Map(Object.entries(sets).map(([name, it]) => [name, new Naive(it)]));
    const addresses = new Set(Object.values(sets).flatMap((it) => it.flatMap(addressesOf)));
    const scored: Scored[] = [];
    try {
      for (const it of cases)
        scored.push(await score(it, agent, gold, { naive, addresses }, report));
    } finally {
      await gold.close();
    }
    return figuresOf(scored);
  });
}

const addressesOf = (record: JsonObject): readonly string[] =>
  (Object.values(record) as readonly (Json | undefined)[]).filter(
    (value) => typeof value === 'string' && /^https?:/u.test(value),
  ) as readonly string[];

/** What answers are compared with. */
interface Compared {
  readonly naive: ReadonlyMap<string, Naive>;
  /** All web addresses in the records. */
  readonly addresses: ReadonlySet<string>;
}

async function score(
  it: QueryCase,
  agent: LocalAgent,
  gold: GoldDatabase,
  { naive, addresses }: Compared,
  report: Report,
): Promise<Scored> {
  const run = await ask(agent, { query: it.text, outputSchema: listSchema(it.set) });
  const [given, wanted] = [itemsOf(run, it), await gold.answer(it)];
  const [key = ''] = Object.keys(it.set.slots);
  const tally = align(given, wanted, key);
  if (tally.rows.hits !== tally.rows.given || tally.rows.hits !== tally.rows.wanted) {
    report.miss(it.split, `${it.set.name}: ${it.text}`, {
      rows: tally.rows,
      difference: firstDifference(given, wanted),
      text: run.error?.message ?? run.output.text,
    });
  }
  const best = naive.get(it.set.name)?.best(it.text, it.limit ?? 20) ?? [];
  return {
    it,
    tally,
    naive: align(
      best.map((record) => naiveItem(it, record)),
      wanted,
      key,
    ),
    ordered: it.order === undefined ? undefined : inOrder(given, wanted, key),
    cited: cited(run),
    strangers: citedUrls(run).filter((url) => !isSource(url, addresses)).length,
    overLimit: it.limit !== undefined && given.length > it.limit ? 1 : 0,
    ...(await constrained(it, agent, wanted, key)),
  };
}

/** The first record of the one that the other does not have. */
function firstDifference(given: readonly JsonObject[], wanted: readonly JsonObject[]): object {
  const texts = (list: readonly JsonObject[]): Set<string> =>
    new Set(list.map((record) => canonicalJson(record)));
  const [mine, gold] = [texts(given), texts(wanted)];
  return {
    given: given.find((record) => !gold.has(canonicalJson(record))),
    wanted: wanted.find((record) => !mine.has(canonicalJson(record))),
  };
}

const itemsOf = (run: AgentRun, { set }: QueryCase): readonly JsonObject[] => {
  const list = (run.output.structured as JsonObject | null)?.[set.list];
  return Array.isArray(list) ? (list as readonly JsonObject[]) : [];
};

const naiveItem = ({ set }: QueryCase, record: Records[number]): JsonObject =>
  Object.fromEntries(
    Object.entries(set.slots).map(([name, { type }]) => [name, firstOfType(record, type)]),
  );

/** A source of this corpus, or an address that one of the records gives. */
const isSource = (url: string, addresses: ReadonlySet<string>): boolean =>
  /^corpus:\/\/corpus\/\w+\.json#row=\d+$/u.test(url) || addresses.has(url);

function inOrder(given: readonly JsonObject[], wanted: readonly JsonObject[], key: string): Share {
  const names = (list: readonly JsonObject[]): string =>
    JSON.stringify(list.map((record): Json => record[key] ?? null));
  return { right: names(given) === names(wanted) ? 1 : 0, of: 1 };
}

/** A list must not have more items than this, when it is asked for again. */
const MAXIMUM = 3;

/**
 * Asks again with the first record of the gold excluded and a maximum in the schema: how often the
 * record came all the same, and whether the list is longer.
 */
async function constrained(
  it: QueryCase,
  agent: LocalAgent,
  wanted: readonly JsonObject[],
  key: string,
): Promise<Pick<Scored, 'leaks' | 'overMaximum'>> {
  const name = wanted[0]?.[key];
  const exclusion = typeof name === 'string' ? [{ [key]: perturbed(name) }] : [];
  const run = await ask(agent, {
    query: it.text,
    outputSchema: listSchema(it.set, MAXIMUM),
    input: { exclusion },
  });
  const items = itemsOf(run, it);
  return {
    leaks: exclusion.length === 0 ? 0 : items.filter((record) => record[key] === name).length,
    overMaximum: items.length > MAXIMUM ? 1 : 0,
  };
}

/** The same name as another list may write it. */
const perturbed = (name: string): string => ` ${name.toUpperCase()} `;

function figuresOf(scored: readonly Scored[]): readonly Figure[] {
  const figures: Figure[] = [];
  for (const split of ['dev', 'frozen'] as const) {
    const own = scored.filter(({ it }) => it.split === split);
    figures.push(...listFigures(own, split));
  }
  const heldOut = scored.filter(({ it }) => it.set.heldOut === true);
  const rows = heldOut.map(({ tally }) => shareOf(tally.rows));
  const naive = heldOut.map((each) => shareOf(each.naive.rows));
  figures.push(ratioFigure('L held-out data set: row F1', 'frozen', rows, naive));
  return figures;
}

function listFigures(own: readonly Scored[], split: Split): readonly Figure[] {
  const ranked = own.flatMap(({ ordered }) => ordered ?? []);
  const sum = (count: (each: Scored) => number): number =>
    own.reduce((total, each) => total + count(each), 0);
  const of = (part: 'rows' | 'items', from: 'tally' | 'naive'): readonly Share[] =>
    f1(own.map((each) => each[from][part]));
  const means = (part: 'rows' | 'items', from: 'tally' | 'naive'): readonly Share[] =>
    own.map((each) => shareOf(each[from][part]));
  return [
    ratioFigure('L row F1', split, means('rows', 'tally'), means('rows', 'naive')),
    ratioFigure('L item F1', split, means('items', 'tally'), means('items', 'naive')),
    ratioFigure('L exactly the records', split, own.map(isExact)),
    ratioFigure('L row F1, all records alike', split, of('rows', 'tally'), of('rows', 'naive')),
    ratioFigure('L item F1, all records alike', split, of('items', 'tally'), of('items', 'naive')),
    ratioFigure('L order kept', split, ranked),
    ratioFigure(
      'L values with a citation',
      split,
      own.map((each) => each.cited),
    ),
    countFigure(
      'L exclusion leaks',
      split,
      own.length,
      sum(({ leaks }) => leaks),
    ),
    countFigure(
      'L answers over their limit',
      split,
      own.length,
      sum((each) => each.overLimit),
    ),
    countFigure(
      'L maxItems exceeded',
      split,
      own.length,
      sum(({ overMaximum }) => overMaximum),
    ),
    countFigure(
      'L addresses of no source',
      split,
      own.length,
      sum((each) => each.strangers),
    ),
  ];
}

/** F1 of one query, so that a long list counts no more than a short one. */
const shareOf = ({ hits, given, wanted }: Tally): Share => ({
  right: given + wanted === 0 ? 1 : (2 * hits) / (given + wanted),
  of: 1,
});

const isExact = ({ tally: { rows } }: Scored): Share => ({
  right: rows.hits === rows.given && rows.hits === rows.wanted ? 1 : 0,
  of: 1,
});
