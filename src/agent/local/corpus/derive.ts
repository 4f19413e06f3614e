import { labelKey } from '../extract/labels.ts';
import type { Fact } from './document.ts';

const PLACES = new Set(['headquarter', 'location', 'located', 'based']);
const FORM = /^(\p{Lu}[\p{L}\d'’. -]{1,40}), (\p{Lu}[\p{L}\d'’. -]{1,40})$/u;

/** Names of parts of the world. */
const REGION =
  /^(?:the )?(?:(?:north|south|east|west|central|northern|southern|eastern|western|south-?eastern|south-?western|north-?eastern|north-?western)[ -]){0,2}(?:africa|asia|europe|america|oceania|caribbean|polynesia|melanesia|micronesia|middle east|scandinavia|balkans)$/iu;

/**
 * What a place says beside itself: `Berlin, Germany` also names the city and what it is in, and
 * the address of a company in mark-up is its headquarters.
 */
export function derivedFacts(fact: Fact): readonly Fact[] {
  const key = labelKey(fact.label);
  const marked = fact.method === 'jsonld' || fact.method === 'microdata';
  const prior = fact.prior - 0.03;
  const own =
    marked && /^(?:city|location)$/u.test(key) ? [{ ...fact, label: 'headquarters', prior }] : [];
  if (!PLACES.has(key)) return own;
  if (REGION.test(fact.text)) return [...own, { ...fact, label: 'region', prior }];
  const match = FORM.exec(fact.text);
  if (match === null)
    return fact.text.includes(',')
      ? own
      : [...own, { ...fact, label: 'city', prior: fact.prior - 0.05 }];
  const [, city = '', whole = ''] = match;
  return [...own, placeIn(fact, city, 'city'), placeIn(fact, whole, 'country')];
}

function placeIn(fact: Fact, text: string, label: string): Fact {
  const { start, end } = fact.span;
  const at = start + fact.text.indexOf(text);
  // Where mark-up stands between, the place of the whole value is the surer one.
  const same = end - start === fact.text.length;
  const span = same ? { start: at, end: at + text.length } : fact.span;
  return { ...fact, label, text, span, prior: fact.prior - 0.03 };
}
