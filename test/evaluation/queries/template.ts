import { Chance, splitOf, type Split } from '../chance.ts';

/** What a query asks, in SQL and as constraints, both written by hand beside its words. */
interface Asked {
  readonly text: string;
  /** Constraints in the notation of the functions below. */
  readonly gold: readonly string[];
  /** A condition of DuckDB over the data set's own columns. */
  readonly where: string;
  /** An order of DuckDB; ties go by name, then by place in the file. */
  readonly order?: string;
  readonly limit?: number;
}

/** A way to ask, with values drawn anew each time. */
interface Template {
  readonly name: string;
  /** Written to be scored only: the agent was not changed on account of it. */
  readonly heldOut?: true;
  readonly ask: (chance: Chance) => Asked;
}

/** The templates of one data set, and what a list of its records is asked to tell. */
export interface QuerySet {
  /** Name of the table. */
  readonly name: string;
  /** The whole data set is held out. */
  readonly heldOut?: true;
  /** Name of the list in the output schema. */
  readonly list: string;
  /** The column that names a record; ties of a ranking go by it. */
  readonly label: string;
  /** Property of the schema → its type and the column with its gold; the first one names the row. */
  readonly slots: Readonly<Record<string, Slot>>;
  readonly templates: readonly Template[];
}

export interface Slot {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
  readonly column: string;
}

export interface QueryCase extends Asked {
  readonly set: QuerySet;
  readonly template: string;
  readonly heldOut: boolean;
  readonly split: Split;
}

/** The first or last `limit` records by one column, of those with one value in another. */
export function ranked(
  text: string,
  [column, value]: readonly [column: string, value: string],
  [by, direction]: readonly [by: string, direction: 'asc' | 'desc'],
  limit: number,
): Asked {
  return {
    text,
    gold: [oneOf(column, value), ordered(by, direction), atMost(limit)],
    where: `"${column}" = ${quoted(value)} and "${by}" is not null`,
    order: `"${by}" ${direction}`,
    limit,
  };
}

/** Draws `each` cases of every template; what is held out is all in the frozen split. */
export function casesOf(sets: readonly QuerySet[], each: number): readonly QueryCase[] {
  const cases = new Map<string, QueryCase>();
  for (const set of sets) {
    for (const template of set.templates) {
      const chance = new Chance(`${set.name}/${template.name}`);
      for (let i = 0; i < each; i++) {
        const asked = template.ask(chance);
        const heldOut = set.heldOut === true || template.heldOut === true;
        const split = heldOut ? 'frozen' : splitOf(asked.text);
        cases.set(`${set.name}: ${asked.text}`, {
          ...asked,
          set,
          template: template.name,
          heldOut,
          split,
        });
      }
    }
  }
  return [...cases.values()];
}

export const oneOf = (column: string, ...values: readonly string[]): string =>
  `${column} in ${values.toSorted().join(' | ')}`;

export const noneOf = (column: string, ...values: readonly string[]): string =>
  `${column} not in ${values.toSorted().join(' | ')}`;

export const compare = (
  column: string,
  operator: '<' | '<=' | '>' | '>=' | '=' | '<>',
  value: number,
): string => `${column} ${operator} ${value}`;

/** First day, and the day after the last one. */
export const from = (column: string, day: string): string => `${column} from ${day}`;
export const before = (column: string, day: string): string => `${column} before ${day}`;

/** All of the years from `first` to `last`. */
export const during = (column: string, first: number, last: number = first): readonly string[] => [
  from(column, `${first}-01-01`),
  before(column, `${last + 1}-01-01`),
];

export const flag = (column: string, value: boolean): string => `${column} = ${value}`;

export const known = (column: string, value: boolean): string =>
  `${column} is ${value ? 'known' : 'unknown'}`;

export const ordered = (column: string, direction: 'asc' | 'desc'): string =>
  `order by ${column} ${direction}`;

export const atMost = (records: number): string => `limit ${records}`;

/** A text as a literal of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
