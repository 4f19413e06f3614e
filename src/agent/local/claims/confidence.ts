import { voices } from './cite.ts';
import type { Claim } from './claim.ts';

export type Confidence = 'low' | 'medium' | 'high';

/** Below this a value was found in a way that is wrong too often to be more than a hint. */
const SURE = 0.75;

/**
 * How sure a value is, from what was checked: high for a record that was found by its name or an
 * identifier, and for a value that two documents of different places state; medium for one
 * document, for a record found by another spelling, and for what follows from a value; low where
 * sources disagree, or where the way of finding it often errs.
 */
export function confidenceOf(claims: readonly Claim[], disputed: boolean): Confidence {
  const [taken] = claims;
  if (taken === undefined || disputed || claims.some((it) => it.disputed)) return 'low';
  const stated = claims.flatMap((it) => it.stated ?? []);
  const records = claims.filter((it) => it.stated === undefined).length;
  if (records === 0 && Math.max(...stated.map(({ prior }) => prior)) < SURE) return 'low';
  if (taken.by === 'variant' || taken.derived) return 'medium';
  return records > 0 || voices(stated) > 1 ? 'high' : 'medium';
}
