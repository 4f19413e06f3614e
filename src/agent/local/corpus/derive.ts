import { labelKey } from '../extract/labels.ts';
import type { Fact } from './document.ts';

const PLACES = new Set(['headquarter', 'location', 'located', 'based']);
const FORM = /^(\p{Lu}[\p{L}\d'’. -]{1,40}), (\p{Lu}[\p{L}\d'’. -]{1,40})$/u;

/** `Berlin, Germany` as the place of something also says its city, and what that is in. */
export function derivedFacts(fact: Fact): readonly Fact[] {
  if (!PLACES.has(labelKey(fact.label))) return [];
  const match = FORM.exec(fact.text);
  if (match === null) {
    return fact.text.includes(',') ? [] : [{ ...fact, label: 'city', prior: fact.prior - 0.05 }];
  }
  const [, city = '', whole = ''] = match;
  const { start } = fact.span;
  const place = (text: string, label: string): Fact => {
    const at = fact.text.indexOf(text);
    // Where mark-up stands between, the place of the whole value is the surer one.
    const same = fact.span.end - start === fact.text.length;
    const span = same ? { start: start + at, end: start + at + text.length } : fact.span;
    return { ...fact, label, text, span, prior: fact.prior - 0.03 };
  };
  return [place(city, 'city'), place(whole, 'country')];
}
