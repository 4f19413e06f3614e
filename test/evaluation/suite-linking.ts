import type { Json, JsonObject } from '../../src/base/json.ts';
import { Chance, hashOf, splitOf, type Split } from './chance.ts';
import { ask, withAgent } from './corpora.ts';
import {
  abbreviatedCountries,
  airports,
  brands,
  countries,
  listedCountries,
  usAirports,
  type Records,
} from './data-sets.ts';
import { precision, ratioFigure, recall, type Figure, type Share, type Tally } from './figures.ts';
import { Naive } from './naive.ts';
import { perturbed } from './perturb.ts';
import type { Report } from './report.ts';

/** A record from outside, and the identifiers of the records that it is; none when there is none. */
interface Row {
  readonly input: JsonObject;
  readonly gold: readonly string[];
}

/** Input rows, and the records to find them among. */
interface Task {
  readonly name: string;
  readonly corpus: Records;
  /** The column with the identifier that the gold names; the input never has it. */
  readonly id: string;
  readonly rows: readonly Row[];
}

/** One record in five is taken out of the corpus: its row then has no match. */
const isKept = (id: string): boolean => hashOf(`kept:${id}`) % 5 !== 0;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function countryTask(name: string, inputs: Records, corpus: Records): Task {
  const kept = corpus.filter((record) => isKept(text(record['code'])));
  const codes = new Set(kept.map((record) => text(record['code'])));
  return {
    name,
    corpus: kept,
    id: 'code',
    rows: inputs
      .filter((record) => corpus.some((other) => other['code'] === record['code']))
      .map((record) => ({
        input: { name: record['name'] ?? null },
        gold: codes.has(text(record['code'])) ? [text(record['code'])] : [],
      })),
  };
}

const EARTH_KM = 6371;

function kilometres(a: JsonObject, b: JsonObject): number {
  const radians = (value: Json | undefined): number => (Number(value) * Math.PI) / 180;
  const [lat1, lat2] = [radians(a['latitude']), radians(b['latitude'])];
  const half = Math.sin((lat2 - lat1) / 2) ** 2;
  const across = Math.sin((radians(b['longitude']) - radians(a['longitude'])) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(half + Math.cos(lat1) * Math.cos(lat2) * across));
}

/** Airports of one list among those of another; the same when they lie within 4 km, not shown. */
function airportTask(): Task {
  const corpus = airports()
    .filter((record) => record['country'] === 'United States')
    .map(({ name, city, country, icao, latitude, longitude }) => ({
      name,
      city,
      country,
      icao,
      latitude,
      longitude,
    }));
  return {
    name: 'airports',
    corpus: corpus.map(({ name, city, country, icao }) => ({
      name,
      city,
      country,
      icao,
    })) as Records,
    id: 'icao',
    rows: usAirports().map((record) => ({
      input: {
        name: record['name'] ?? null,
        city: record['city'] ?? null,
        state: record['state'] ?? null,
      },
      gold: (corpus as Records)
        .filter((other) => Math.abs(Number(other['latitude']) - Number(record['latitude'])) < 0.05)
        .filter((other) => kilometres(record, other) <= 4)
        .map((other) => text(other['icao'])),
    })),
  };
}

function brandTask(): Task {
  const chance = new Chance('brands');
  const all = brands();
  const corpus = all.filter((record) => isKept(text(record['slug'])));
  return {
    name: 'brands',
    corpus: corpus.map(({ title, slug, hex }) => ({ title, slug, hex })) as Records,
    id: 'slug',
    rows: all
      .filter((_, at) => at % 4 === 0)
      .map((record) => ({
        input: { title: perturbed(text(record['title']), chance) },
        gold: isKept(text(record['slug'])) ? [text(record['slug'])] : [],
      })),
  };
}

const plain = (records: Records): Records =>
  records.map(({ name, code }) => ({ name, code }) as JsonObject);

const tasks = (): readonly Task[] => [
  countryTask('countries', abbreviatedCountries(), plain(countries())),
  countryTask('countries with aliases', listedCountries(), countries()),
  airportTask(),
  brandTask(),
];

/** Suite E: rows in, each about at most one record; right when it gets that record's identifier. */
export async function suiteLinking(report: Report): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const task of tasks()) {
    const found = await linked(task);
    const naive = naiveLinks(task);
    for (const [at, row] of task.rows.entries()) {
      const id = found[at];
      if (id !== undefined && !row.gold.includes(id)) miss(report, task, row, id);
      if (id === undefined && row.gold.length > 0) miss(report, task, row, 'none');
    }
    for (const split of ['dev', 'frozen'] as const) {
      figures.push(...linkFigures(task, split, found, naive));
    }
  }
  return figures;
}

const labelOf = ({ input }: Row): string => JSON.stringify(input);

function miss(report: Report, task: Task, row: Row, found: string): void {
  report.miss(splitOf(labelOf(row)), `${task.name}: ${labelOf(row)}`, { found, gold: row.gold });
}

/** By row the identifier that the agent gave it. */
async function linked(task: Task): Promise<readonly (string | undefined)[]> {
  const properties = Object.fromEntries(
    [...Object.keys(task.rows[0]?.input ?? {}), task.id].map((name) => [
      name,
      { type: ['string', 'null'] },
    ]),
  );
  return withAgent({ places: task.corpus }, async (agent) => {
    const run = await ask(agent, {
      query: `Find the ${task.id} of every input record.`,
      input: { data: task.rows.map(({ input }) => input) },
      outputSchema: {
        type: 'object',
        properties: {
          records: { type: 'array', items: { type: 'object', properties } },
        },
      },
    });
    if (run.status !== 'completed') throw new Error(run.error?.message ?? run.status);
    const { records } = run.output.structured as { readonly records: Records };
    return records.map((record) => {
      const id = record[task.id];
      return typeof id === 'string' ? id : undefined;
    });
  });
}

function naiveLinks(task: Task): readonly (string | undefined)[] {
  const naive = new Naive(task.corpus);
  return task.rows.map((row) => {
    const [best] = naive.best(Object.values(row.input).map(text).join(' '), 1);
    const id = best?.[task.id];
    return typeof id === 'string' ? id : undefined;
  });
}

function linkFigures(
  task: Task,
  split: Split,
  found: readonly (string | undefined)[],
  naive: readonly (string | undefined)[],
): readonly Figure[] {
  const own = task.rows.flatMap((row, at) => (splitOf(labelOf(row)) === split ? [at] : []));
  const tallies = (links: readonly (string | undefined)[]): readonly Tally[] =>
    own.map((at) => {
      const [id, gold] = [links[at], task.rows[at]?.gold ?? []];
      const right = id !== undefined && gold.includes(id);
      return {
        given: id === undefined ? 0 : 1,
        wanted: gold.length > 0 ? 1 : 0,
        hits: right ? 1 : 0,
      };
    });
  const falseLinks = (links: readonly (string | undefined)[]): readonly Share[] =>
    own.flatMap((at) =>
      task.rows[at]?.gold.length === 0 ? [{ right: links[at] === undefined ? 0 : 1, of: 1 }] : [],
    );
  const figure = (name: string, share: (tallies: readonly Tally[]) => readonly Share[]): Figure =>
    ratioFigure(`E ${task.name}: ${name}`, split, share(tallies(found)), share(tallies(naive)));
  return [
    figure('precision', precision),
    figure('recall', recall),
    ratioFigure(
      `E ${task.name}: false links without a match`,
      split,
      falseLinks(found),
      falseLinks(naive),
    ),
  ];
}
