/** Before anything is known about how long agent runs take. */
const FIRST_POLL_MS = 50;
/** An agent run may end early; nobody waits longer than this to notice, whatever is typical. */
const LATEST_FIRST_POLL_MS = 30_000;
const SHORTEST_MS = 25;
const LONGEST_MS = 5_000;
/** Noticing an end late by this share of the time it took is cheap and hardly felt. */
const SHARE_OF_ELAPSED = 0.12;
const GROWTH = 1.5;
/** Enough to forget a slow hour soon, and to have a steady middle. */
const REMEMBERED = 31;

/**
 * Milliseconds until the first look at an agent run that began `elapsedMs` ago: when it is
 * typically done.
 */
export function firstPollMs(typicalMs: number | undefined, elapsedMs: number): number {
  const due = typicalMs === undefined ? FIRST_POLL_MS : Math.min(typicalMs, LATEST_FIRST_POLL_MS);
  return Math.max(0, due - elapsedMs);
}

/**
 * Milliseconds until the next look: half as long again as the time before, never more than 12 % of
 * what has passed, nor more than 5 seconds, nor less than 25 ms; spread by ±20 % with `chance`
 * (from 0 to 1) so that agent runs begun together are not asked about together.
 */
export function nextPollMs(previousMs: number, elapsedMs: number, chance: number): number {
  const ceiling = Math.min(LONGEST_MS, elapsedMs * SHARE_OF_ELAPSED);
  // Long runs begin with wider steps, or the small ones alone would be a dozen requests.
  const wanted = Math.max(previousMs * GROWTH, (elapsedMs * SHARE_OF_ELAPSED) / 4);
  return Math.max(SHORTEST_MS, Math.min(ceiling, wanted) * (0.8 + 0.4 * chance));
}

/** How long agent runs of each kind took lately. */
export class Durations {
  readonly #byKind = new Map<string, number[]>();

  add(kind: string, ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) return;
    const known = this.#byKind.get(kind) ?? [];
    known.push(ms);
    if (known.length > REMEMBERED) known.shift();
    this.#byKind.set(kind, known);
  }

  /** The middle one; undefined before the first. */
  typical(kind: string): number | undefined {
    const sorted = this.#byKind.get(kind)?.toSorted((a, b) => a - b);
    return sorted?.[sorted.length >> 1];
  }
}
