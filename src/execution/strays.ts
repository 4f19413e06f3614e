import type { AgentRun } from '../agent/agent.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import type { AttemptId, RunId } from '../base/ids.ts';
import { microdollars } from '../base/money.ts';
import type { AttemptIntended, Hold, OpenAttempt, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import { candidateOf } from './reconcile.ts';
import { TAGS } from './tags.ts';

const ATTEMPT_ID = /^[0-9a-f]{32}$/;

/**
 * Agent runs with this state folder's tag that its ledger does not know: the folder was put back
 * to an older state, or is used on two machines. Whatever asks the same as one of them is not
 * bought again before a person has said so.
 */
export class Strays {
  readonly #parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly run: RunId;
    readonly emit: Emit;
  };
  /** By question tag. */
  readonly #open = new Map<string, OpenAttempt>();

  constructor(parts: { store: Store; clock: Clock; run: RunId; emit: Emit }) {
    this.#parts = parts;
  }

  /** Those that an earlier run found, of all that is open. */
  remember(open: readonly OpenAttempt[]): void {
    for (const attempt of open) {
      if (attempt.tag !== undefined && attempt.fingerprints.length === 0) {
        this.#open.set(attempt.tag, attempt);
      }
    }
  }

  /** Writes one down that the list has shown beside `beside`. */
  async take(run: AgentRun, beside: OpenAttempt): Promise<void> {
    const { store, clock, emit } = this.#parts;
    const entry = this.#intent(run, beside);
    if (entry === undefined) return;
    await store.intend(entry);
    const held: Hold = {
      at: isoTime(clock.now()),
      reason: 'stray',
      message: `agent run ${run.id} was made from this state folder and is not in it`,
      candidates: [candidateOf(run)],
    };
    await store.note({ type: 'attempt-held', attempt: entry.attempt, ...held });
    const { type: _, at, ...intent } = entry;
    this.#open.set(entry.tag ?? '', { ...intent, intendedAt: at, agentRunId: undefined, held });
    emit({ type: 'warning', step: '', task: '', message: held.message });
  }

  /** What its attempt would have written; undefined where the tag is not one of ours. */
  #intent(run: AgentRun, { pipeline, agent, account }: OpenAttempt): AttemptIntended | undefined {
    const { [TAGS.attempt]: attempt = '', [TAGS.question]: tag = '' } = run.request?.metadata ?? {};
    if (!ATTEMPT_ID.test(attempt)) return undefined;
    const createdMs = Date.parse(run.createdAt);
    return {
      type: 'attempt-intended',
      at: isoTime(Number.isNaN(createdMs) ? this.#parts.clock.now() : createdMs),
      attempt: attempt as AttemptId,
      run: this.#parts.run,
      pipeline,
      step: '',
      task: '',
      fingerprints: [],
      agent,
      effort: run.request?.effort ?? null,
      reserved: candidateOf(run).reported ?? microdollars(0),
      tag,
      ...(account !== undefined && { account }),
    };
  }

  /**
   * Where a stray asks the same as `wanted`, holds that task in its place and gives what to say.
   */
  async holdFor(tag: string, wanted: AttemptIntended): Promise<string | undefined> {
    const stray = this.#open.get(tag);
    if (stray?.held === undefined) return undefined;
    this.#open.delete(tag);
    const { store } = this.#parts;
    const { intendedAt: at, attempt, held } = stray;
    await store.intend({ ...wanted, at, attempt });
    await store.note({ type: 'attempt-held', attempt, ...held });
    return held.message;
  }
}
