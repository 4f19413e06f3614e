import type { Clock } from '../../src/base/clock.ts';
import type { VirtualClock } from '../rig/virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { Trace } from './trace.ts';

/** When a process is to die: at its nth dealing with the world, or at an instant. */
export type Death =
  | { readonly type: 'never' }
  | { readonly type: 'at-effect'; readonly nth: number }
  | { readonly type: 'after'; readonly ms: number }
  /** So many dealings after it came to the nth of these: there money or an answer is in doubt. */
  | {
      readonly type: 'near';
      readonly what: Milestone;
      readonly nth: number;
      readonly effects: number;
    };

/** Sending a create, or one of the writes that have to be on disk in their order. */
export type Milestone = 'create' | 'intend' | 'created' | 'settle';

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
  #milestones = 0;
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

  /** It is about to do this. */
  comesTo(what: string): void {
    const death = this.#death;
    if (death.type !== 'near' || what !== death.what || ++this.#milestones !== death.nth) return;
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
