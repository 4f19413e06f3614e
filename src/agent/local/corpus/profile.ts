import type { JsonObject } from '../../../base/json.ts';
import { factorOf, inMetres, nameWords, unitOf } from '../text/words.ts';
import type { Column, ColumnKind, Table } from './table.ts';

/** A number as people write it: sign, thousands commas, currency, percent; not `007`, `+49`. */
const NUMBER = String.raw`[$€£]?\s?-?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d+)?\s?%?`;
const DATE = String.raw`\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}.*)?)?)?`;
/** `Jun 12 1998`, `June 12, 1998`, `12 June 1998`. */
const WRITTEN_DATE = String.raw`[A-Z][a-z]{2,8} \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4}`;
const WRITTEN_FORMATS = `['%b %d %Y', '%B %d %Y', '%b %d, %Y', '%B %d, %Y', '%d %b %Y', '%d %B %Y']`;
export const YEAR_WORDS: ReadonlySet<string> = new Set(
  'year founded established started formed born died independence released published opened built since launched created'.split(
    ' ',
  ),
);
/** So much of a column must be of a kind; what is not counts as unknown there. */
const SHARE = 0.9;

/** One aggregate a column: what its values look like. Columns are `f0` (filled), `x0` (distinct)… */
export function profileSql(index: number, columns: number): string {
  const parts: string[] = [];
  for (let i = 0; i < columns; i++) {
    const t = `t${i}`;
    const full = (pattern: string): string => `regexp_full_match(${t}, '${pattern}')`;
    parts.push(
      `count(${t}) as f${i}`,
      `count(distinct ${t}) as x${i}`,
      `count(*) filter (${full(NUMBER)}) as n${i}`,
      `count(*) filter (regexp_full_match(${t}, '-?\\d{1,4}')) as y${i}`,
      `count(*) filter (${full(String.raw`1\d{3}|20\d{2}`)}) as w${i}`,
      `count(*) filter (${full(`${DATE}|${WRITTEN_DATE}`)}) as d${i}`,
      `count(*) filter (lower(${t}) in ('true', 'false', 'yes', 'no')) as b${i}`,
      `count(*) filter (k${i} = 'ARRAY') as l${i}`,
      `count(*) filter (k${i} = 'OBJECT') as o${i}`,
      `count(*) filter (${full(String.raw`[A-Z\d]{1,3}`)}) as c${i}`,
      `count(*) filter (${full(String.raw`https?://\S+`)}) as u${i}`,
      `min(regexp_extract(${t}, '[$€£%]')) as s${i}`,
      `max(regexp_extract(${t}, '[$€£%]')) as z${i}`,
    );
  }
  return `select ${parts.join(', ')} from raw${index}`;
}

export function columnOf(name: string, index: number, rows: number, profile: JsonObject): Column {
  const count = (letter: string): number => Number(profile[`${letter}${index}`] ?? 0);
  const filled = count('f');
  const [low, high] = [profile[`s${index}`], profile[`z${index}`]];
  const words = nameWords(name);
  const kind = kindOf(words, filled, count);
  const distinct = count('x');
  return {
    index,
    name,
    words: plainWords(words),
    kind,
    unit:
      unitInName(words) ??
      (low === high && typeof low === 'string' && low !== '' ? low : undefined),
    factor: factorInName(words),
    distinct,
    filled,
    unique: filled > 1 && distinct === filled && filled >= rows * SHARE && kind !== 'list',
    code: kind === 'text' && filled > 0 && count('c') === filled,
    url: kind === 'text' && filled > 0 && count('u') === filled,
  };
}

function kindOf(
  words: readonly string[],
  filled: number,
  count: (letter: string) => number,
): ColumnKind {
  const most = (letter: string): boolean => filled > 0 && count(letter) >= filled * SHARE;
  if (count('l') > 0) return count('l') === filled ? 'list' : 'other';
  if (count('o') > 0) return 'other';
  if (most('y') && words.some((word) => YEAR_WORDS.has(word))) return 'year';
  const happened = words.some((word) => /^(?:first|last|lit|\p{L}{2,}ed)$/u.test(word));
  if (filled > 0 && count('w') === filled && happened) return 'year';
  if (most('n')) return 'number';
  if (most('d')) return 'date';
  return most('b') ? 'boolean' : 'text';
}

/** `area km2` is about the area; `km2` alone stays, or there would be nothing left to call it by. */
function plainWords(words: readonly string[]): readonly string[] {
  const plain = words.filter(
    (word, at) => at === 0 || (unitOf(word) === undefined && factorOf(word, false) === undefined),
  );
  return plain.length === 0 ? words : plain;
}

const unitInName = (words: readonly string[]): string | undefined => {
  if (inMetres(words)) return 'm';
  const [joined] = [words.join(' ')];
  if (/\b(?:sq|square) (?:km|kilometer|kilometre)\b/u.test(joined)) return 'km2';
  const lasting = /\b(?:time|runtime|duration|length)\b/u.test(joined);
  return words
    .slice(1)
    .filter((word) => word !== 'min' || lasting)
    .map(unitOf)
    .find(Boolean);
};

const factorInName = (words: readonly string[]): number =>
  words
    .slice(1, inMetres(words) ? -1 : undefined)
    .map((word) => factorOf(word, false))
    .find(Boolean) ?? 1;

/** The column that names a record, and the words that mean one of its records. */
export function labelAndNouns(
  table: string,
  columns: readonly Column[],
): Pick<Table, 'label' | 'nouns'> {
  const tableWords = nameWords(table);
  const last = tableWords.includes('and') ? undefined : tableWords.at(-1);
  const texts = columns.filter(({ kind, code, url }) => kind === 'text' && !code && !url);
  const named = columns.filter(({ kind, words }) => kind === 'text' && words.length === 1);
  const label =
    named.find(({ words }) => /^(?:name|title|label)$/u.test(words.join())) ??
    named.find(({ words }) => words.join() === last) ??
    texts.slice(0, 1).find(({ unique }) => unique) ??
    texts.find(({ words }) => words.includes('name'));
  const own = label?.words.filter((word) => !/^(?:name|title|label|full)$/u.test(word)) ?? [];
  const nouns = own.length === 1 ? [...own] : [];
  if (last !== undefined) nouns.push(last);
  return { label, nouns: new Set(nouns) };
}

/**
 * The statement that makes the final table: `row`, the text of every cell (`t0`), and beside it
 * its meaning: `n` a number, `d` and `e` the first day and the day after the last one of a date,
 * `b` a truth value, `l` a list of texts. What is gathered from documents keeps its `stated`.
 */
export function typedSql(index: number, columns: readonly Column[], gathered: boolean): string {
  const parts = columns.flatMap(({ index: i, kind }) => [`t${i}`, ...typed(i, kind)]);
  if (gathered) parts.push('stated');
  return `create table c${index} as select rowid + 1 as row, ${parts.join(', ')} from raw${index} order by rowid`;
}

function typed(i: number, kind: ColumnKind): readonly string[] {
  const number = `case when regexp_full_match(t${i}, '${NUMBER}') then try_cast(regexp_replace(t${i}, '[$€£,%\\s]', '', 'g') as double) end`;
  switch (kind) {
    case 'number':
    case 'year':
      return [`${number} as n${i}`];
    case 'boolean':
      return [
        `case lower(t${i}) when 'true' then true when 'yes' then true when 'false' then false when 'no' then false end as b${i}`,
      ];
    case 'date': {
      const start = `case when length(t${i}) = 4 then try_cast(t${i} || '-01-01' as date) when length(t${i}) = 7 then try_cast(t${i} || '-01' as date) when regexp_full_match(t${i}, '${WRITTEN_DATE}') then cast(try_strptime(t${i}, ${WRITTEN_FORMATS}) as date) else try_cast(t${i}[1:10] as date) end`;
      const step = `case length(t${i}) when 4 then interval 1 year when 7 then interval 1 month else interval 1 day end`;
      return [`${start} as d${i}`, `cast((${start}) + ${step} as date) as e${i}`];
    }
    case 'list':
      return [`list_filter(json_extract_string(t${i}, '$[*]'), x -> x is not null) as l${i}`];
    case 'text':
    case 'other':
      return [];
  }
}
