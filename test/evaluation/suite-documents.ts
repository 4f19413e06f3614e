import type { AgentRun } from '../../src/agent/agent.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { splitOf, type Split } from './chance.ts';
import { ask, openAgent, withFiles } from './corpora.ts';
import { heldOutPages } from './documents/held-out-pages.ts';
import { HELD_OUT_FAMILIES } from './documents/held-out-families.ts';
import {
  pageDocuments,
  proseDocuments,
  type Documents,
  type Gold,
} from './documents/make-documents.ts';
import { DEVELOPMENT_FAMILIES } from './documents/prose-families.ts';
import { PROPERTIES, type Kind, type Property } from './documents/subjects.ts';
import {
  countFigure,
  precision,
  ratioFigure,
  recall,
  type Figure,
  type Share,
  type Tally,
} from './figures.ts';
import { Naive } from './naive.ts';
import type { Report } from './report.ts';
import { isSaidIn, isSameValue } from './value-in-span.ts';

/** Things of each kind in one set of documents. */
const COUNT = 60;

/** A set of documents; what is held out is scored in the frozen half only. */
interface DocumentSet {
  readonly name: string;
  readonly heldOut: boolean;
  readonly documents: Documents;
}

const sets = (): readonly DocumentSet[] => [
  { name: 'pages', heldOut: false, documents: pageDocuments(COUNT) },
  { name: 'held-out pages', heldOut: true, documents: heldOutPages(COUNT) },
  { name: 'prose', heldOut: false, documents: proseDocuments(DEVELOPMENT_FAMILIES, COUNT) },
  { name: 'held-out prose', heldOut: true, documents: proseDocuments(HELD_OUT_FAMILIES, COUNT) },
];

/** One value of one thing: what was wanted, what came, and what the naive reader gave. */
interface Value {
  readonly gold: Gold;
  readonly property: string;
  readonly wanted: Json;
  readonly given: Json;
  readonly naive: Json;
  readonly cited: boolean;
  readonly spoken: boolean;
  readonly strangers: number;
}

/** Suite D: values from documents. Every document also speaks of another thing, with its values. */
export async function suiteDocuments(report: Report): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const all: { readonly split: Split; readonly value: Value }[] = [];
  for (const set of sets()) {
    const values = await valuesOf(set.documents);
    for (const value of values) {
      const split = set.heldOut ? 'frozen' : splitOf(`${set.name} ${value.gold.name}`);
      all.push({ split, value });
      if (!isRight(value)) {
        const { wanted, given, gold, property } = value;
        report.miss(split, `${set.name} ${gold.form}: ${gold.name}`, { property, wanted, given });
      }
    }
    for (const split of set.heldOut ? (['frozen'] as const) : (['dev', 'frozen'] as const)) {
      const own = values.filter(
        ({ gold }) => set.heldOut || splitOf(`${set.name} ${gold.name}`) === split,
      );
      figures.push(...setFigures(set.name, split, own));
    }
  }
  for (const split of ['dev', 'frozen'] as const) {
    const own = all.filter((it) => it.split === split).map(({ value }) => value);
    figures.push(...groundingFigures(split, own));
  }
  return figures;
}

const isRight = ({ wanted, given }: Value): boolean =>
  given === null ? wanted === null : wanted !== null && isSameValue(given, wanted);

function setFigures(name: string, split: Split, values: readonly Value[]): readonly Figure[] {
  const tally = (wanted: Json, given: Json): Tally => ({
    given: given === null ? 0 : 1,
    wanted: wanted === null ? 0 : 1,
    hits: given !== null && wanted !== null && isSameValue(given, wanted) ? 1 : 0,
  });
  const own = values.map(({ wanted, given }) => tally(wanted, given));
  const naive = values.map((value) => tally(value.wanted, value.naive));
  const nulls = (of: (value: Value) => Json): readonly Share[] =>
    values.flatMap((value) =>
      value.wanted === null ? [{ right: of(value) === null ? 1 : 0, of: 1 }] : [],
    );
  return [
    ratioFigure(`D ${name}: value precision`, split, precision(own), precision(naive)),
    ratioFigure(`D ${name}: value recall`, split, recall(own), recall(naive)),
    ratioFigure(
      `D ${name}: null where nothing is stated`,
      split,
      nulls(({ given }) => given),
      nulls((value) => value.naive),
    ),
  ];
}

function groundingFigures(split: Split, values: readonly Value[]): readonly Figure[] {
  const stated = values.filter(({ given }) => given !== null);
  const share = (of: (value: Value) => boolean): readonly Share[] =>
    stated.map((value) => ({ right: of(value) ? 1 : 0, of: 1 }));
  return [
    ratioFigure(
      'D values with a citation',
      split,
      share(({ cited }) => cited),
    ),
    ratioFigure(
      'D span valid and value in it',
      split,
      share(({ spoken }) => spoken),
    ),
    countFigure(
      'D addresses of no source',
      split,
      stated.length,
      stated.reduce((sum, { strangers }) => sum + strangers, 0),
    ),
  ];
}

/** Asks for the facts of all things of a set, kind by kind, and reads what came. */
function valuesOf({ pages, gold }: Documents): Promise<readonly Value[]> {
  const contents = new Map(pages.map(({ path, content }) => [path, content]));
  const naive = new Naive(pages.map(({ path, content }) => ({ path, content })));
  return withFiles(Object.fromEntries(contents), async (folder) => {
    const agent = await openAgent(folder);
    const values: Value[] = [];
    for (const kind of new Set(gold.map((it) => it.kind))) {
      const own = gold.filter((it) => it.kind === kind);
      const run = await ask(agent, requestFor(kind, own));
      if (run.status !== 'completed') throw new Error(run.error?.message ?? run.status);
      for (const [at, it] of own.entries())
        values.push(...readValues(run, it, at, contents, naive));
    }
    await agent.close();
    return values;
  });
}

const requestFor = (kind: Kind, gold: readonly Gold[]): Parameters<typeof ask>[1] => ({
  query: `Find the facts of every one of the input ${kind}.`,
  input: { data: gold.map(({ name }) => ({ name })) },
  outputSchema: {
    type: 'object',
    properties: {
      [kind]: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            ...Object.fromEntries(
              PROPERTIES[kind].map(({ name, type, format }) => [
                name,
                { type: [type, 'null'], ...(format === undefined ? {} : { format }) },
              ]),
            ),
          },
        },
      },
    },
  },
});

function readValues(
  run: AgentRun,
  gold: Gold,
  at: number,
  contents: ReadonlyMap<string, string>,
  naive: Naive,
): readonly Value[] {
  const list = (run.output.structured as JsonObject)[gold.kind] as unknown as readonly JsonObject[];
  return PROPERTIES[gold.kind].map((property): Value => {
    const { name } = property;
    const given = list[at]?.[name] ?? null;
    const field = `structured.${gold.kind}[${at}].${name}`;
    const citations = run.output.grounding.find((it) => it.field === field)?.citations ?? [];
    const spans = citations.map(({ url }) => spanOf(url, contents));
    return {
      gold,
      property: name,
      wanted: gold.values[name] ?? null,
      given,
      naive: naiveValue(naive, gold, property),
      cited: citations.length > 0,
      spoken: spans.length > 0 && spans.every((span) => isSaidIn(given, span ?? '')),
      strangers: spans.filter((span) => span === undefined).length,
    };
  });
}

/** The piece of the source that a citation points at; undefined when there is no such source. */
function spanOf(url: string, contents: ReadonlyMap<string, string>): string | undefined {
  const match = /^corpus:\/\/corpus\/([^#]+)#char=(\d+),(\d+)$/u.exec(url);
  const content = contents.get(decodeURIComponent(match?.[1] ?? ''));
  if (match === null || content === undefined) return undefined;
  const [start, end] = [Number(match[2]), Number(match[3])];
  return start < end && end <= content.length ? content.slice(start, end) : undefined;
}

const FIRST: Readonly<Record<string, RegExp>> = {
  number: /\d[\d,]*(?:\.\d+)?/u,
  integer: /\d[\d,]*/u,
  date: /\d{4}-\d\d-\d\d/u,
  string: /\p{Lu}[\p{L}.]+(?: \p{Lu}[\p{L}.]+)*/u,
};

/** The first value of the right type after the label, in the page that BM25 likes best. */
function naiveValue(naive: Naive, gold: Gold, { labels, type, format }: Property): Json {
  const [page] = naive.best(gold.name, 1);
  const content = typeof page?.['content'] === 'string' ? page['content'] : '';
  const label = labels.find((it) => content.toLowerCase().includes(it.toLowerCase()));
  const from = label === undefined ? 0 : content.toLowerCase().indexOf(label.toLowerCase());
  const found = FIRST[format ?? type]?.exec(content.slice(from + (label?.length ?? 0)))?.[0];
  if (found === undefined) return null;
  return type === 'string' ? found : Number(found.replaceAll(',', ''));
}
