import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';

/** Where an index is kept. */
export interface IndexPlace {
  /** Absolute. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
}
