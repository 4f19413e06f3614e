import type { Clock } from '../../src/base/clock.ts';
import type { VirtualClock } from '../rig/virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { Trace } from './trace.ts';

/** When a process is to die: at its nth dealing with the world, or at an instant. */
export type Death =
  | { readonly type: 'never' }
  | { readonly type: 'at-effect'; readonly nth: number }
  | { readonly type: 'after'; readonly ms: number }
  /** So many dealings after it has sent its nth create: this is where money is in doubt. */
  | { readonly type: 'near-create'; readonly nth: number; readonly effects: number };

/** Never goes on; made anew for each that waits, or the one would remember all of them. */
export const forever = <T>(): Promise<T> => new Promise<T>(() => undefined);

/**
 * One process, from its start to its end or its death. Whatever it does to the world and hears
 * from it goes through here; a dead one hears nothing and does nothing, so that its memory is lost.
 */
export class Life {
  readonly number: number;
  readonly name: string;
  readonly clock: Clock;
  readonly died: Promise<'died'>;
  readonly #trace: Trace;
  readonly #death: Death;
  #deathAt: number;
  #creates = 0;
  #effects = 0;
  #dead = false;
  #die: () => void = () => undefined;
  readonly #onDeath: (() => void)[] = [];

  constructor(
    number: number,
    death: Death,
    { clock, trace, chance }: { clock: VirtualClock; trace: Trace; chance: Chance },
  ) {
    this.number = number;
    this.name = `p${number}`;
    this.#trace = trace;
    this.#death = death;
    this.#deathAt = death.type === 'at-effect' ? death.nth : Infinity;
    this.died = new Promise((resolve) => {
      this.#die = () => resolve('died');
    });
    if (death.type === 'after') void clock.sleep(death.ms).then(() => this.die());
    this.clock = this.#clockOver(clock, chance);
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Dealings with the world so far. */
  get effects(): number {
    return this.#effects;
  }

  /** A dealing with the world; false when the process does not live to see it done. */
  effect(): boolean {
    if (this.#dead) return false;
    if (++this.#effects < this.#deathAt) return true;
    this.die();
    return false;
  }

  /** It is about to send a create. */
  sendsCreate(): void {
    const death = this.#death;
    if (death.type !== 'near-create' || ++this.#creates !== death.nth) return;
    this.#deathAt = this.#effects + death.effects;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#trace.add(this.name, 'dies');
    for (const then of this.#onDeath) then();
    this.#die();
  }

  /** It ended by itself: it can no more die. */
  end(): void {
    this.#dead = true;
  }

  onDeath(then: () => void): void {
    this.#onDeath.push(then);
  }

  /** Whole milliseconds to the process; what lies between decides who wakes first. */
  #clockOver(clock: VirtualClock, chance: Chance): Clock {
    return {
      now: () => Math.floor(clock.now()),
      sleep: async (ms, signal) => {
        if (!this.effect()) return forever();
        if (!(ms > 0) || signal?.aborted === true) return;
        await clock.sleep(ms + chance.fraction(), signal);
        if (this.#dead) await forever();
      },
    };
  }
}
