import type { Known, OpenAttempt } from '../store/store.ts';

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
  | { readonly kind: 'in-doubt' }
  | { readonly kind: 'new' }
  | { readonly kind: 'changed'; readonly parts: readonly ChangedPart[] }
  | { readonly kind: 'failed-before' }
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
  | { readonly kind: 'run'; readonly reason: Reason };

export interface DecideOptions {
  readonly known: Known;
  readonly nowMs: number;
  readonly ttlMs: number | undefined;
  /** The user asked for new answers. */
  readonly refresh: boolean;
  /** Agent runs of this agent end with the process that made them, so none can be open. */
  readonly ephemeral: boolean;
  /** Whether the step had a task for this record before, and what of the request changed since. */
  readonly before: { readonly hadTask: boolean; readonly changed: readonly ChangedPart[] };
}

/** Pure, so that every reason has a one-line test. */
export function decide(options: DecideOptions): Decision {
  const { known, ephemeral } = options;
  const { answer, open } = known;
  if (open !== undefined && !ephemeral) {
    return open.agentRunId === undefined
      ? { kind: 'hold', open, reason: { kind: 'in-doubt' } }
      : { kind: 'resume', open, reason: { kind: 'interrupted' } };
  }
  if (options.refresh) return run({ kind: 'refresh' });
  if (answer !== undefined) {
    const stale =
      options.ttlMs !== undefined && options.nowMs - Date.parse(answer.answeredAt) > options.ttlMs;
    return stale ? run({ kind: 'stale' }) : { kind: 'reuse', answer, reason: { kind: 'answered' } };
  }
  if (known.failed !== undefined) return run({ kind: 'failed-before' });
  const { hadTask, changed } = options.before;
  if (changed.length > 0) return run({ kind: 'changed', parts: changed });
  return run(hadTask ? { kind: 'changed', parts: ['input'] } : { kind: 'new' });
}

const run = (reason: Reason): Decision => ({ kind: 'run', reason });
