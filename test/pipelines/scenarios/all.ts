import type { Scenario } from '../scenario.ts';
import { CUTEST_ANIMALS } from './cutest-animals.ts';
import { ENGINEERING_LEADERS } from './engineering-leaders.ts';
import { FUNDING_ROUNDS } from './funding-rounds.ts';
import { MULTI_HOP } from './multi-hop.ts';
import { NARROW_LIST } from './narrow-list.ts';
import { RESEARCH_BRIEFS } from './research-briefs.ts';
import { WEEKLY_FINDS } from './weekly-finds.ts';

/** Every example for the hosted agent has one. */
export const SCENARIOS: readonly Scenario[] = [
  CUTEST_ANIMALS,
  ENGINEERING_LEADERS,
  FUNDING_ROUNDS,
  MULTI_HOP,
  NARROW_LIST,
  RESEARCH_BRIEFS,
  WEEKLY_FINDS,
];
