import { Chance } from './chance.ts';

/** How an agent run ends, once it ends by itself. */
export interface ScriptedEnd {
  readonly status: string;
  readonly stopReason: string | null;
  /** What it costs. */
  readonly dollars: number;
  /** The API does not say what it cost. */
  readonly hidesCost?: boolean;
  /** It never ends by itself. */
  readonly endless: boolean;
}

/** Dollars of an agent run at the effort that all steps have. */
export const PRICE = 0.025;

const GOOD: ScriptedEnd = {
  status: 'completed',
  stopReason: 'schema_satisfied',
  dollars: PRICE,
  endless: false,
};

const ODD: readonly [ScriptedEnd, ...ScriptedEnd[]] = [
  { ...GOOD, status: 'failed', stopReason: 'error', dollars: 0 },
  { ...GOOD, status: 'failed', stopReason: 'error', dollars: 0 },
  { ...GOOD, status: 'failed', stopReason: 'error' },
  { ...GOOD, status: 'cancelled', stopReason: 'cancelled', dollars: 0 },
  { ...GOOD, stopReason: 'budget_reached' },
  { ...GOOD, stopReason: 'a_reason_of_tomorrow' },
  { ...GOOD, hidesCost: true },
  { ...GOOD, dollars: PRICE / 2 },
  { ...GOOD, endless: true },
];

/** Whether every first agent run that is asked one of these ends well. */
export const allEndWell = (seed: number, keys: Iterable<string>, odd: number): boolean =>
  [...keys].every((key) => endingOf(seed, key, 0, odd) === GOOD);

/**
 * The end of the `nth` agent run (from 0) that is asked `key`. Only the first one ever ends
 * otherwise than well, so that whoever asks again has an answer in the end.
 */
export function endingOf(seed: number, key: string, nth: number, odd: number): ScriptedEnd {
  if (nth > 0 || odd === 0) return GOOD;
  const chance = new Chance(seed, `end of ${key}`);
  return chance.hit(odd) ? chance.pick(ODD) : GOOD;
}
