import { normalizeKeyPart } from '../../../base/record-key.ts';
import type { Json } from '../../../base/json.ts';
import { countryNamed } from '../text/places.ts';
import { fold } from '../text/words.ts';

/** A value as a key: equal for spellings that differ in case, accents, legal form or `www.`. */
export const exactKey = (value: Json | undefined): string => fold(normalizeKeyPart(value));

/**
 * Other ways to write a name that is looked up: without articles and `of`, with `&` as `and`, with
 * the part after a comma in front. Weaker than {@link exactKey}: a link by one of these counts
 * only when no other record has it.
 */
export const lookupKeys = (name: string): readonly string[] => keysOf(turnedForms(name));

function turnedForms(name: string): readonly string[] {
  const parts = name.split(',');
  return parts.length === 2 ? [name, `${parts[1] ?? ''} ${parts[0] ?? ''}`] : [name];
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

/** Each form, and it without its spaces: `Du Bois` is `DuBois`. */
const keysOf = (forms: readonly string[]): readonly string[] => {
  const plain = forms.map(plainName);
  return [...new Set([...plain, ...plain.map((key) => key.replaceAll(' ', ''))])].filter(Boolean);
};

/**
 * The country that a name is one of the names of, as a key: `Czech Republic` and `Czechia` have
 * the same one.
 */
export function countryKeys(name: string): readonly string[] {
  const [country] = turnedForms(name).flatMap((form) => countryNamed(form)?.names[0] ?? []);
  return country === undefined ? [] : [`country ${country}`];
}

function plainName(name: string): string {
  const words = fold(name)
    .replaceAll('&', ' and ')
    .replace(/^\s*st\.?\s+/u, 'saint ')
    .replace(/['’.]/gu, '')
    .match(/[\p{L}\d]+/gu);
  return (words ?? []).filter((word) => word !== 'the' && word !== 'of').join(' ');
}
