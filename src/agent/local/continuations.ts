import { fail, ok, type Result } from '../../base/result.ts';
import type { EarlierRun } from '../agent.ts';
import type { Refusal } from './answer/answer.ts';
import type { Continuation } from './answer/question.ts';

/** What follow-ups build on; undefined where a request left nothing to build on. */
type State = Continuation | undefined;

/** Answers one earlier request, as of the time when it was asked. */
type AnswerAgain = (
  run: EarlierRun,
  before: State,
) => Promise<Result<{ readonly continuation: State }, Refusal>>;

/** Why there is nothing to continue. */
interface NotContinued {
  readonly code: string;
  readonly message: string;
}

/**
 * What follow-ups build on, by agent run.
 *
 * It is not stored: it follows from the earlier requests, the corpus and the day, so it is found
 * again by answering them as of the time when they were asked. That works after a restart, and
 * after the corpus was changed it works on the corpus as it is now.
 */
export class Continuations {
  readonly #most: number;
  /** In the order in which they were last used. */
  readonly #states = new Map<string, State>();

  /** Holds at most so many in memory, and finds the others again. */
  constructor(most: number) {
    this.#most = most;
  }

  remember(id: string, state: State): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= this.#most) return;
      this.#states.delete(oldest);
    }
  }

  /**
   * What agent run `id` left. `earlier` gives it and the runs that it continues, the first one
   * first, and undefined where one of them is gone; only what is not in memory is asked for.
   */
  async after(
    id: string,
    earlier: () => Promise<readonly EarlierRun[] | undefined>,
    answerAgain: AnswerAgain,
  ): Promise<Result<State, NotContinued>> {
    if (this.#states.has(id)) return ok(this.#states.get(id));
    const runs = await earlier();
    if (runs === undefined) return fail(GONE);
    const known = runs.findLastIndex((run) => this.#states.has(run.id));
    let state = this.#states.get(runs[known]?.id ?? '');
    for (const run of runs.slice(known + 1)) {
      const answered = await answerAgain(run, state);
      if (!answered.ok) return answered;
      state = answered.value.continuation;
      this.remember(run.id, state);
    }
    return ok(state);
  }
}

const GONE: NotContinued = {
  code: 'PREVIOUS_RUN_NOT_FOUND',
  message: 'One of the agent runs that this one builds on was deleted.',
};
