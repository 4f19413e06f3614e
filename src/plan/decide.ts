import type { Hold, HoldReason, Known, OpenAttempt } from '../store/store.ts';

/** A part of the request that all tasks of a step share. */
export type ChangedPart =
  | 'query'
  | 'system'
  | 'schema'
  | 'effort'
  | 'agent'
  | 'exclusions'
  | 'parameters'
  | 'continued'
  /** Nothing the step shares: the record itself is another one. */
  | 'input';

export type Reason =
  | { readonly kind: 'answered' }
  | { readonly kind: 'interrupted' }
  /** It may have been created: found out before anything is bought. */
  | { readonly kind: 'in-doubt' }
  /** A person has to say what becomes of it. */
  | { readonly kind: 'held'; readonly why: HoldReason }
  | { readonly kind: 'new' }
  | { readonly kind: 'changed'; readonly parts: readonly ChangedPart[] }
  /** It failed and cost nothing, or a person has given up what was held. */
  | { readonly kind: 'failed-before' }
  /** It failed and was paid for; the user asks again. */
  | { readonly kind: 'retry-failed' }
  /** It failed and was paid for, or nobody is to ask it: only the user asks again. */
  | { readonly kind: 'failed-kept'; readonly failure: string }
  | { readonly kind: 'stale' }
  | { readonly kind: 'refresh' };

/** What to do with a question, and why. `plan` prints it and `run` obeys it: the same value. */
export type Decision =
  | {
      readonly kind: 'reuse';
      readonly answer: NonNullable<Known['answer']>;
      readonly reason: Reason;
    }
  | { readonly kind: 'resume'; readonly open: OpenAttempt; readonly reason: Reason }
  /** Nobody knows whether an agent run was paid for: a person decides. */
  | { readonly kind: 'hold'; readonly open: OpenAttempt; readonly reason: Reason }
  /** It stays as failed. */
  | {
      readonly kind: 'keep';
      readonly failed: NonNullable<Known['failed']>;
      readonly reason: Reason;
    }
  | { readonly kind: 'run'; readonly reason: Reason };

export interface DecideOptions {
  readonly known: Known;
  readonly nowMs: number;
  readonly ttlMs: number | undefined;
  /** The user asked for new answers. */
  readonly refresh: boolean;
  /** The user asks again for what was paid for and failed. */
  readonly retryFailed: boolean;
  /** Agent runs of this agent end with the process that made them, so none can be open. */
  readonly ephemeral: boolean;
  /** Whether the step had a task for this record before, and what of the request changed since. */
  readonly before: { readonly hadTask: boolean; readonly changed: readonly ChangedPart[] };
}

/** Pure, so that every reason has a one-line test. */
export function decide(options: DecideOptions): Decision {
  const { known, ephemeral } = options;
  const { answer, open } = known;
  if (open !== undefined && !ephemeral) return decideOpen(open);
  if (options.refresh) return run({ kind: 'refresh' });
  if (answer !== undefined) {
    const stale =
      options.ttlMs !== undefined && options.nowMs - Date.parse(answer.answeredAt) > options.ttlMs;
    return stale ? run({ kind: 'stale' }) : { kind: 'reuse', answer, reason: { kind: 'answered' } };
  }
  if (known.failed !== undefined) return decideFailed(known.failed, options);
  const { hadTask, changed } = options.before;
  if (changed.length > 0) return run({ kind: 'changed', parts: changed });
  return run(hadTask ? { kind: 'changed', parts: ['input'] } : { kind: 'new' });
}

const CLEAR_UP: ReadonlySet<HoldReason> = new Set(['other-account', 'not-listed', 'unreadable']);

/**
 * Whether what is open may be looked at again: nobody holds it, or the hold ends by itself with the
 * right key, or once the agent can be read.
 */
export const mayClearUp = (held: Hold | undefined): boolean =>
  held === undefined || CLEAR_UP.has(held.reason);

function decideOpen(open: OpenAttempt): Decision {
  const { held } = open;
  if (held !== undefined && !mayClearUp(held)) {
    return { kind: 'hold', open, reason: { kind: 'held', why: held.reason } };
  }
  const isKnown = open.agentRunId !== undefined;
  return { kind: 'resume', open, reason: { kind: isKnown ? 'interrupted' : 'in-doubt' } };
}

/** Ends that are final whatever they cost: asked again they may be paid for again. */
const FINAL: ReadonlySet<string> = new Set(['agent-cancelled', 'timeout', 'run-gone', 'skipped']);

/** What was paid for once is not bought again because it was of no use. */
function decideFailed(
  failed: NonNullable<Known['failed']>,
  { retryFailed, ephemeral }: DecideOptions,
): Decision {
  const { kind, charged } = failed;
  const isKept = !ephemeral && kind !== 'rebuy' && (charged || FINAL.has(kind));
  if (!isKept) return run({ kind: 'failed-before' });
  if (retryFailed) return run({ kind: 'retry-failed' });
  return { kind: 'keep', failed, reason: { kind: 'failed-kept', failure: kind } };
}

const run = (reason: Reason): Decision => ({ kind: 'run', reason });
