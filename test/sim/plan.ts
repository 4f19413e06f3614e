import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { ApiSettings } from './api-model.ts';
import { Chance } from './chance.ts';
import { PRICE } from './endings.ts';
import { drawWeather, type Weather } from './faults.ts';
import { drawPipeline, type Shape } from './shapes.ts';

const MOST_CRASHES = 12;
/** Some agent runs outlast the settle time. */
const LONG = 0.04;

/** All that a history is drawn from its seed before it begins. */
export interface Plan {
  readonly settings: ApiSettings;
  readonly weather: Weather;
  readonly shape: Shape;
  readonly pipeline: Pipeline;
  readonly crashes: number;
  /** Dollars for each life before the calm; undefined for no cap. */
  readonly cap: number | undefined;
  /** How long the disk takes for a write, at most. */
  readonly syncMs: number;
}

export function drawPlan(seed: number, shapes: readonly [Shape, ...Shape[]]): Plan {
  const chance = new Chance(seed, 'plan');
  const shape = chance.pick(shapes);
  const shortestMs = chance.pick([50, 300, 2_000]);
  return {
    settings: {
      seed,
      skewMs: chance.pick([0, 0, 1, -1]) * chance.between(0, 240_000),
      listLagMs: chance.pick([0, 2_000, 10_000]),
      readLagMs: chance.pick([0, 0, 1_000, 60_000]),
      pageSize: chance.pick([2, 5, 20, 100]),
      strangers: chance.pick([0, 0, 1, 3]),
      shortestMs,
      longestMs: shortestMs * chance.pick([1, 8, 30]),
      long: LONG,
      askedToWaitS: undefined,
      oddEnds: chance.pick([0, 0, 0.1, 0.3]),
      list: chance.hit(0.8)
        ? 'as agreed'
        : chance.pick(['unordered', 'cursor stays', 'never ends', 'no requests']),
    },
    weather: drawWeather(chance),
    shape,
    pipeline: drawPipeline(shape, chance),
    crashes: chance.pick([0, 1, 2, 4, MOST_CRASHES]),
    cap: chance.hit(0.3) ? PRICE * chance.between(1, 12) : undefined,
    syncMs: chance.pick([0, 0, 2, 40]),
  };
}

/**
 * The same pipeline and the same answers without a fault, a crash or a cap. Nothing in it takes its
 * time: how long an agent run takes, and how often it is looked at, is no part of what it comes to.
 */
export const calmPlan = (plan: Plan): Plan => ({
  ...plan,
  settings: {
    ...plan.settings,
    skewMs: 0,
    listLagMs: 0,
    readLagMs: 0,
    strangers: 0,
    shortestMs: 50,
    longestMs: 50,
    long: 0,
    askedToWaitS: 600,
    list: 'as agreed',
  },
  weather: { creates: 0, lists: 0, reads: 0, kinds: [], outages: [] },
  crashes: 0,
  cap: undefined,
  syncMs: 0,
});
