import type { Clock } from '../base/clock.ts';
import type { Stop } from './stop.ts';

/** So many creates in a row without a clear answer, and no more are sent for a while. */
const FAILURES_IN_A_ROW = 5;
const PAUSE_MS = 120_000;
/** So many pauses without one create that went through in between, and the run ends. */
const MOST_PAUSES = 3;
/** How long nothing but refused connections is borne. */
const UNCONNECTED_MS = 5 * 60_000;
/** How long an agent may be too busy for every create. */
const BUSY_MS = 30 * 60_000;
/** For clocks that stand still: so many in a row are as good as the time. */
const MOST_TURNED_DOWN = 1_000;

/** Failures in a row, and the pauses that they made. */
class Row {
  #failures = 0;
  #pauses = 0;
  #pausedUntil = 0;

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** One more; true once that is enough. */
  fails(nowMs: number): boolean {
    this.#failures++;
    if (this.#failures < FAILURES_IN_A_ROW) return false;
    this.#failures = 0;
    this.#pauses++;
    this.#pausedUntil = nowMs + PAUSE_MS;
    return this.#pauses >= MOST_PAUSES;
  }
}

/** Troubles of one kind, one after another, since the agent last did its work. */
interface Spell {
  readonly sinceMs: number;
  readonly count: number;
}

/**
 * How an agent bears up under creates, over all tasks of a run: what one task has met, the next
 * need not meet. It ends the run where going on would only cost time.
 */
export class AgentHealth {
  readonly #clock: Clock;
  readonly #stop: Stop;
  /** Creates without a clear answer. */
  #creates = new Row();
  /** Agent runs that failed for nothing. Their creates went through, which says nothing here. */
  #runs = new Row();
  #unconnected: Spell | undefined;
  #busy: Spell | undefined;

  constructor(parts: { readonly clock: Clock; readonly stop: Stop }) {
    this.#clock = parts.clock;
    this.#stop = parts.stop;
  }

  /** Waits until a create may be sent. */
  async admit(): Promise<void> {
    const pausedUntil = Math.max(this.#creates.pausedUntil, this.#runs.pausedUntil);
    const wait = pausedUntil - this.#clock.now();
    if (wait <= 0) return;
    await this.#clock.sleep(wait, this.#stop.signal);
  }

  /** A create went through. */
  works(): void {
    this.#creates = new Row();
    this.#unconnected = undefined;
    this.#busy = undefined;
  }

  /** The agent answered a create in a way that tells nothing. */
  fails(message: string): void {
    this.#unconnected = undefined;
    if (this.#creates.fails(this.#clock.now())) this.#stop.now('unreachable', message);
  }

  /** An agent run came to its end, whatever its answer is worth. */
  completes(): void {
    this.#runs = new Row();
  }

  /** An agent run failed, and cost nothing. */
  failsAtWork(message: string): void {
    if (this.#runs.fails(this.#clock.now())) this.#stop.now('unreachable', message);
  }

  /** There was no connection, so nothing was sent. */
  unconnected(message: string): void {
    this.#unconnected = this.#longer(this.#unconnected);
    if (this.#isOver(this.#unconnected, UNCONNECTED_MS)) this.#stop.now('unreachable', message);
  }

  /** It has no place for another agent run now. */
  busy(message: string): void {
    this.#unconnected = undefined;
    this.#busy = this.#longer(this.#busy);
    if (this.#isOver(this.#busy, BUSY_MS)) this.#stop.now('rate-limited', message);
  }

  #longer(spell: Spell | undefined): Spell {
    return { sinceMs: spell?.sinceMs ?? this.#clock.now(), count: (spell?.count ?? 0) + 1 };
  }

  #isOver({ sinceMs, count }: Spell, mostMs: number): boolean {
    return this.#clock.now() - sinceMs >= mostMs || count >= MOST_TURNED_DOWN;
  }
}
