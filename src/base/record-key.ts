import { canonicalJson, type Json } from './json.ts';

/** What makes a record the same record, after normalising; comparable with `===`. */
export type RecordKey = string & { readonly __brand: 'RecordKey' };

/** Legal forms that a company name may or may not carry. */
const LEGAL_FORM =
  /[\s,](?:inc|incorporated|llc|llp|lp|ltd|limited|corp|corporation|co|company|plc|gmbh|ag|kg|se|sa|sas|sarl|srl|spa|bv|nv|ab|as|asa|oy|oyj|aps|kk|pty|pte|holding|holdings)$/;
const LONGEST_LEGAL_FORM = ' incorporated'.length;

/** A word of single letters with full stops: `s.a.` but not the domain `a.b.com`. */
const INITIALS = /(?<![^\s,])(?:[a-z]\.)+[a-z]\.?(?![^\s,])/g;

/** Seen by nobody: zero-width space, word joiner, byte order mark, soft hyphen. */
const INVISIBLE = /[\u200b\u2060\ufeff\u00ad]/g;

/**
 * One value of a key, normalised: Unicode NFKC, case folded, white space collapsed, without a
 * scheme, `www.`, a slash, full stop or comma at the end, or a legal form at the end. Normalising
 * again changes nothing.
 */
export function normalizeKeyPart(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  let key = typeof value === 'string' ? value : canonicalJson(value);
  // What one rule removes can uncover work for another, as in "Acme Co., Ltd.".
  for (let before; before !== key;) {
    before = key;
    key = strip(fold(key));
  }
  return key;
}

function fold(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  // Upper case first: it makes one of "ß" and "SS", and of the two small sigmas.
  const folded = text.normalize('NFKC').replace(INVISIBLE, '').toUpperCase().toLowerCase();
  return folded.normalize('NFKC');
}

function strip(text: string): string {
  const plain = text.replace(/\s+/g, ' ').replace(/^(?: |https?:\/\/|www\.)+/, '');
  let key = trimEnd(plain).replace(INITIALS, (initials) => initials.replaceAll('.', ''));
  for (;;) {
    const form = LEGAL_FORM.exec(key.slice(-LONGEST_LEGAL_FORM));
    const shorter = form === null ? '' : trimEnd(key.slice(0, -form[0].length));
    if (shorter === '') return key;
    key = shorter;
  }
}

/** By hand: as a regular expression it takes hours for a text of slashes that ends otherwise. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && '/., '.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/**
 * The key of a record from its key columns: the normalised value itself when there is one column,
 * else a JSON list of them. Undefined when any of them is missing or empty.
 */
export function recordKey(
  record: { readonly [column: string]: Json | undefined },
  columns: readonly string[],
): RecordKey | undefined {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) {
    const part = normalizeKeyPart(record[only]);
    return part === '' ? undefined : (part as RecordKey);
  }
  const parts = columns.map((column) => normalizeKeyPart(record[column]));
  return parts.includes('') ? undefined : (JSON.stringify(parts) as RecordKey);
}
