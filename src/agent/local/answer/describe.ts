import type { Condition, Order } from '../query/reading.ts';
import type { Topic } from '../retrieve/topics.ts';

/** What there is to say about an answer; every part is optional but the first. */
export interface Account {
  /** `Found 7 of up to 10 countries in countries.csv (239 records)` */
  readonly found: string;
  readonly conditions: readonly Condition[];
  readonly order: Order | undefined;
  /** Words that records were searched for, and how many have them. */
  readonly topics: readonly Topic[];
  /** Words of the query that nothing was made of. */
  readonly unused: readonly string[];
  /** Parts of the query that could not be acted on, with the reason. */
  readonly notApplied: readonly string[];
  /** Records that may or may not meet a condition, by the column that says nothing. */
  readonly unknown: readonly { readonly column: string; readonly records: number }[];
  readonly excluded: number;
  /** Slots that no column fits. */
  readonly unmatched: readonly string[];
  /** Further sentences, each with its full stop. */
  readonly notes: readonly string[];
}

/** The account as text: always the same words for the same facts. */
export function describeAnswer(account: Account): string {
  const parts = [`${account.found}.`];
  const applied = account.conditions.map(describeCondition);
  if (account.order !== undefined) applied.push(describeOrder(account.order));
  if (applied.length > 0) parts.push(`Applied: ${applied.join('; ')}.`);
  for (const { phrase, rows } of account.topics) {
    parts.push(
      `“${phrase}” matched as text in ${grouped(rows.size)} ${rows.size === 1 ? 'record' : 'records'}.`,
    );
  }
  if (account.notApplied.length > 0) parts.push(`Not applied: ${account.notApplied.join('; ')}.`);
  if (account.unused.length > 0) parts.push(`Not used: ${account.unused.join(', ')}.`);
  for (const { column, records } of account.unknown) {
    const [have, were] = records === 1 ? ['record has', 'was'] : ['records have', 'were'];
    parts.push(`${grouped(records)} ${have} no ${column} and ${were} left out.`);
  }
  if (account.excluded > 0) parts.push(`Excluded by input: ${grouped(account.excluded)}.`);
  if (account.unmatched.length > 0) parts.push(`No column for: ${account.unmatched.join(', ')}.`);
  return [...parts, ...account.notes].join(' ');
}

/** `1,204` */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/gu, ',');

const SIGNS = { '<>': '≠', '<=': '≤', '>=': '≥', '<': '<', '>': '>', '=': '=' } as const;

function describeCondition(condition: Condition): string {
  const { name } = condition.column;
  switch (condition.kind) {
    case 'compare': {
      const what = condition.column.kind === 'list' ? `number of ${name}` : name;
      return `${what} ${SIGNS[condition.operator]} ${condition.version?.join('.') ?? condition.value}`;
    }
    case 'flag':
      return `${name} = ${String(condition.value)}`;
    case 'known':
      return `${name} is ${condition.known ? 'given' : 'not given'}`;
    case 'period': {
      const { start, end, negated } = condition;
      return `${name} ${negated ? 'not ' : ''}${describePeriod(start, end)}`;
    }
    case 'in':
      return describeIn(condition);
  }
}

function describeIn({
  column,
  values,
  negated,
  every,
}: Condition & { readonly kind: 'in' }): string {
  if (column.kind === 'list') {
    return `${column.name} ${negated ? 'without' : 'with'} ${values.join(every ? ' and ' : ' or ')}`;
  }
  if (values.length === 1) return `${column.name} ${negated ? '≠' : '='} ${values.join()}`;
  return `${column.name} ${negated ? 'not in' : 'in'} {${values.join(', ')}}`;
}

function describePeriod(start: string | undefined, end: string | undefined): string {
  const last = end === undefined ? undefined : dayBefore(end);
  if (start === undefined) return `until ${last}`;
  return last === undefined ? `from ${start}` : `${start}…${last}`;
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

function describeOrder({ column, descending }: Order): string {
  const dated = column.kind === 'date' || column.kind === 'year';
  const first = dated ? ['oldest', 'newest'] : ['smallest', 'largest'];
  const text = column.kind === 'text' ? ['A to Z', 'Z to A'][Number(descending)] : undefined;
  return `ordered by ${column.name}, ${text ?? `${first[Number(descending)] ?? ''} first`}`;
}
