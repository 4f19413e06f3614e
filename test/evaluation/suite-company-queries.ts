import { readFileSync } from 'node:fs';
import { readQuestion } from '../../src/agent/local/answer/question.ts';
import type { Condition } from '../../src/agent/local/query/reading.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { splitOf } from './chance.ts';
import { companies } from './company-table.ts';
import { NOW } from './corpora.ts';
import { countries } from './data-sets.ts';
import {
  exact,
  precision,
  ratioFigure,
  recall,
  type Figure,
  type Share,
  type Tally,
} from './figures.ts';
import { NaiveReader } from './naive.ts';
import type { Report } from './report.ts';
import { tallyOf, withOpenCorpus } from './suite-queries.ts';

/** A query as its publisher wrote it, with what it asks for. */
interface CompanyQuery {
  readonly text: string;
  readonly constraints: JsonObject;
}

/**
 * Fields that are typed. `category` and `industry` are the topic: they are searched for as words,
 * not filtered, and `criteria` and `offices` are prose.
 */
const FIELDS: Readonly<Record<string, string>> = {
  country: 'country',
  region: 'region',
  company_type: 'company_type',
  founded_year: 'founded_year',
  employees: 'employees',
  funding: 'funding_usd',
  funding_stage: 'funding_stage',
  funding_date: 'funding_date',
};

const read = (path: string): readonly CompanyQuery[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as CompanyQuery);

/**
 * Suite Q, real company queries with machine-readable constraints. A bound is right when its side
 * and its number are: the gold writes “under 100” and “100 or less” alike, “after 2018” as 2018 or
 * as 2019, and a part of the world as its own label where we list its countries.
 */
export function suiteCompanyQueries(path: string, report: Report): Promise<readonly Figure[]> {
  const records = companies();
  return withOpenCorpus({ companies: records }, (corpus) => {
    const naive = new NaiveReader(records);
    const scored = read(path).map(({ text, constraints }) => {
      const { reading } = readQuestion({ query: text }, corpus, NOW, undefined);
      const gold = goldOf(constraints);
      const own = reading.conditions.flatMap(constraintsOf);
      const tally = tallyOf(lenient(own, gold), gold);
      if (tally.hits !== tally.given || tally.hits !== tally.wanted) {
        report.miss(splitOf(text), text, { read: own, gold, notApplied: reading.notApplied });
      }
      return { text, own, gold, tally, naive: tallyOf(naiveConstraints(naive, text), gold) };
    });
    return Promise.resolve(figuresOf(scored));
  });
}

/** Ours, with the gold's own wording where both mean the same. */
function lenient(own: readonly string[], gold: readonly string[]): readonly string[] {
  return own.map((it) => {
    const bound = /^founded_year at (least|most) (\d+)$/u.exec(it);
    if (bound === null) return it;
    const other = Number(bound[2]) + (bound[1] === 'least' ? -1 : 1);
    const written = `founded_year at ${bound[1]} ${other}`;
    return gold.includes(written) ? written : it;
  });
}

interface Scored {
  readonly text: string;
  readonly own: readonly string[];
  readonly gold: readonly string[];
  readonly tally: Tally;
  readonly naive: Tally;
}

function figuresOf(scored: readonly Scored[]): readonly Figure[] {
  const figures: Figure[] = [];
  for (const split of ['dev', 'frozen'] as const) {
    const own = scored.filter(({ text }) => splitOf(text) === split);
    const [all, naive] = [own.map(({ tally }) => tally), own.map((each) => each.naive)];
    const figure = (
      name: string,
      shares: (tallies: readonly Tally[]) => readonly Share[],
    ): Figure => ratioFigure(`Q companies: ${name}`, split, shares(all), shares(naive));
    figures.push(figure('precision', precision), figure('recall', recall));
    figures.push(figure('all right', exact));
  }
  for (const field of Object.values(FIELDS)) {
    const tallies = scored.map(({ own, gold }) => {
      const about = (it: string): boolean => it.startsWith(`${field} `);
      return tallyOf(own.filter(about), gold.filter(about));
    });
    const stated = tallies.filter(({ given, wanted }) => given + wanted > 0);
    figures.push(ratioFigure(`Q companies: ${field} precision`, 'dev', precision(stated)));
    figures.push(ratioFigure(`Q companies: ${field} recall`, 'dev', recall(stated)));
  }
  return figures;
}

/** `employees at least 50`, one a bound; several values of one field are one constraint. */
function goldOf(constraints: JsonObject): readonly string[] {
  return Object.entries(constraints).flatMap(([name, value]) => {
    const field = FIELDS[name];
    if (field === undefined) return [];
    return Object.entries(value as JsonObject).map(([operator, bound]) =>
      goldConstraint(field, operator, bound),
    );
  });
}

function goldConstraint(field: string, operator: string, bound: Json | undefined): string {
  const values = (Array.isArray(bound) ? (bound as readonly Json[]) : [bound ?? null]).map(String);
  switch (operator) {
    case 'gte':
      return `${field} at least ${values.join()}`;
    case 'lte':
      return `${field} at most ${values.join()}`;
    case 'not_eq':
      return `${field} is not ${values.join()}`;
    default:
      return `${field} is ${values.toSorted().join(' | ')}`;
  }
}

/** More countries than anybody names one by one are a part of the world. */
const MANY = 5;

function chosen({ column, values, negated }: Condition & { readonly kind: 'in' }): string {
  if (column.name === 'country' && values.length > MANY && !negated) {
    return `region is ${labelOf(values)}`;
  }
  return `${column.name} is ${negated ? 'not ' : ''}${values.toSorted().join(' | ')}`;
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The gold's label for a part of the world; all of Asia and Oceania is `APAC` there. */
function labelOf(lands: readonly string[]): string {
  const regions = new Set(
    countries().flatMap((it) => (lands.includes(text(it['name'])) ? [text(it['region'])] : [])),
  );
  const pacific = [...regions].every((region) => region === 'Asia' || region === 'Oceania');
  return pacific ? 'APAC' : [...regions].toSorted().join(' | ');
}

function constraintsOf(condition: Condition): readonly string[] {
  const { name } = condition.column;
  switch (condition.kind) {
    case 'in':
      return [chosen(condition)];
    case 'compare': {
      const side = condition.operator.startsWith('>') ? 'at least' : 'at most';
      if (condition.operator === '=') return [`${name} is ${condition.value}`];
      return condition.operator === '<>'
        ? [`${name} is not ${condition.value}`]
        : [`${name} ${side} ${condition.value}`];
    }
    case 'period':
      return periodConstraints(condition);
    case 'flag':
    case 'known':
      return [`${name} ${JSON.stringify(condition)}`];
  }
}

/** Whole years of a year, days of a date; one year is `is`, as the gold has it. */
function periodConstraints(condition: Condition & { readonly kind: 'period' }): readonly string[] {
  const { column, start, end, negated } = condition;
  const { name } = column;
  if (column.kind !== 'year') {
    const last = end === undefined ? undefined : dayBefore(end);
    return [
      ...(start === undefined ? [] : [`${name} at least ${start}`]),
      ...(last === undefined ? [] : [`${name} at most ${last}`]),
    ];
  }
  const first = start === undefined ? undefined : Number(start.slice(0, 4));
  const last = end === undefined ? undefined : Number(end.slice(0, 4)) - 1;
  if (first !== undefined && first === last) return [`${name} is ${negated ? 'not ' : ''}${first}`];
  return [
    ...(first === undefined ? [] : [`${name} at least ${first}`]),
    ...(last === undefined ? [] : [`${name} at most ${last}`]),
  ];
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);

/** The naive reader's finds in the same notation. */
const naiveConstraints = (naive: NaiveReader, text: string): readonly string[] =>
  naive.read(text).map((it) => it.replace(' in ', ' is ').replace(' >= ', ' at least '));
