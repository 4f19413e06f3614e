import type { Json } from '../../src/base/json.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const plain = (text: string): string =>
  text
    .replace(/&(?:amp|lt|gt|quot|#39);/gu, (entity) => ENTITIES[entity] ?? entity)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s"“”\\*_]+/gu, ' ')
    .trim();

const SCALES: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9 };
const KM2_IN_MI2 = 2.589988110336;

/** A number that a text writes, and how far its last digit leaves it open. */
interface Written {
  readonly value: number;
  readonly open: number;
}

/** Numbers that the text writes, also scaled (`$1.2 million`) and in square kilometres. */
function numbersIn(text: string): readonly Written[] {
  const pattern =
    /(-?\d[\d,]*(?:\.\d+)?)\s*(thousand|million|billion)?\s*(square miles|sq mi|mi2)?/giu;
  return [...text.matchAll(pattern)].flatMap(([, digits = '', scale = '', miles]) => {
    const value = Number(digits.replaceAll(',', '')) * (SCALES[scale.toLowerCase()] ?? 1);
    const open = 0.5 * 10 ** -(/\.(\d+)/u.exec(digits)?.[1]?.length ?? 0) * KM2_IN_MI2;
    const plainly = { value, open: 0 };
    return miles === undefined ? [plainly] : [plainly, { value: value * KM2_IN_MI2, open }];
  });
}

const MONTHS =
  'january february march april may june july august september october november december';

/** The day that the text writes out, in ISO form. */
function daysIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\d{4}-\d\d-\d\d/gu)].map(([iso]) => iso);
  const pattern = /(?:(\d{1,2}) )?(\p{L}+) (?:(\d{1,2}), )?(\d{4})/giu;
  for (const [, before, month = '', after, year] of text.matchAll(pattern)) {
    const at = MONTHS.split(' ').indexOf(month.toLowerCase());
    const day = before ?? after;
    if (at === -1 || day === undefined) continue;
    found.push(`${year}-${String(at + 1).padStart(2, '0')}-${day.padStart(2, '0')}`);
  }
  return found;
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.abs(b) * 1e-4;

/** Whether a piece of a source says the value; written apart from the agent's own check. */
export function isSaidIn(value: Json, span: string): boolean {
  if (typeof value === 'number') {
    return numbersIn(span).some(
      (it) => near(it.value, value) || Math.abs(it.value - value) <= it.open,
    );
  }
  if (typeof value !== 'string') return plain(span).includes(plain(JSON.stringify(value)));
  if (/^\d{4}-\d\d-\d\d$/u.test(value)) return daysIn(span).includes(value);
  return plain(span).includes(plain(value));
}

/** Equal up to spelling, and to the rounding of a converted measure. */
export function isSameValue(a: Json, b: Json): boolean {
  if (typeof a === 'number' && typeof b === 'number') return near(a, b);
  if (typeof a === 'string' && typeof b === 'string') return plain(a) === plain(b);
  return a === b;
}
