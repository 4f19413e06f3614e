import { normalizeKeyPart } from '../../../base/record-key.ts';
import type { Json } from '../../../base/json.ts';
import { fold } from '../text/words.ts';

/** A value as a key: equal for spellings that differ in case, accents, legal form or `www.`. */
export const exactKey = (value: Json | undefined): string => fold(normalizeKeyPart(value));

/**
 * Other ways to write a name that is looked up: without articles and `of`, with `&` as `and`, with
 * the part after a comma in front. Weaker than {@link exactKey}: a link by one of these counts
 * only when no other record has it.
 */
export function lookupKeys(name: string): readonly string[] {
  const parts = name.split(',');
  const turned = parts.length === 2 ? [`${parts[1] ?? ''} ${parts[0] ?? ''}`] : [];
  return keysOf([name, ...turned]);
}

/**
 * Ways in which a name that is known may be written: those of {@link lookupKeys}, and without what
 * stands in brackets, or only that. Not for a name that is looked up: in `Georgia (US)` the
 * brackets say that it is another one.
 */
export function variantKeys(name: string): readonly string[] {
  const bare = name.replace(/\([^()]*\)/gu, ' ');
  const inside = /\(([^()]+ [^()]+)\)\s*$/u.exec(name)?.[1];
  const others = [bare, ...(inside === undefined ? [] : [inside])];
  return [...new Set([name, ...others].flatMap(lookupKeys))];
}

const keysOf = (forms: readonly string[]): readonly string[] =>
  [...new Set(forms.map(plainName))].filter((key) => key !== '');

function plainName(name: string): string {
  const words = fold(name)
    .replaceAll('&', ' and ')
    .replace(/^\s*st\.?\s+/u, 'saint ')
    .replace(/['’.]/gu, '')
    .match(/[\p{L}\d]+/gu);
  return (words ?? []).filter((word) => word !== 'the' && word !== 'of').join(' ');
}
