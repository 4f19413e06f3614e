import type { AgentRequest } from '../agent/agent.ts';
import type { LocalAgent, LocalAnswer } from '../agent/local/local-agent.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { NO_USAGE } from './accounting.ts';
import type { Engine, EngineOutcome, EngineTask } from './engine.ts';

/** Answers whose state is held in memory, so that follow-ups need not find it again. */
const REMEMBERED = 1_000;

type State = LocalAnswer['continuation'];

interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * The local agent as the engine of a server.
 *
 * What a follow-up builds on is not stored: it follows from the earlier requests, the corpus and
 * the day, so it is found again by answering them as of the time when they were asked. That works
 * after a restart, and after the corpus was changed it works on the corpus as it is now.
 */
export class LocalEngine implements Engine {
  readonly identity: string;
  readonly #agent: LocalAgent;
  /** By agent run, in the order in which they were last used. */
  readonly #states = new Map<string, State>();

  constructor(agent: LocalAgent) {
    this.identity = agent.identity;
    this.#agent = agent;
  }

  async run(task: EngineTask): Promise<EngineOutcome> {
    const before = await this.#stateBefore(task);
    if (!before.ok) return failed(before.error);
    const answered = await this.#answer(task.id, task.request, task, before.value);
    if (!answered.ok) return failed(answered.error);
    const { output, usage } = answered.value;
    const text = output.text + dataSourceNote(task.request);
    return { ok: true, output: { ...output, text }, usage, partial: false };
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #stateBefore(task: EngineTask): Promise<Result<State, Failure>> {
    const { previousRunId: id } = task.request;
    if (id === undefined) return ok(undefined);
    if (this.#states.has(id)) return ok(this.#states.get(id));
    const earlier = await task.earlier();
    if (earlier === undefined) return fail(DELETED);
    const known = earlier.findLastIndex((run) => this.#states.has(run.id));
    let state = this.#states.get(earlier[known]?.id ?? '');
    for (const run of earlier.slice(known + 1)) {
      const when = { startedMs: run.startedMs, cancelled: task.cancelled };
      const answered = await this.#answer(run.id, run.request, when, state);
      if (!answered.ok) return answered;
      state = answered.value.continuation;
    }
    return ok(state);
  }

  async #answer(
    id: string,
    request: AgentRequest,
    { startedMs, cancelled }: Pick<EngineTask, 'startedMs' | 'cancelled'>,
    before: State,
  ): Promise<Result<LocalAnswer, Failure>> {
    const answered = await this.#agent.answer(request, {
      nowMs: startedMs,
      before,
      signal: cancelled,
    });
    if (answered.ok) this.#remember(id, answered.value.continuation);
    return answered;
  }

  #remember(id: string, state: State): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= REMEMBERED) return;
      this.#states.delete(oldest);
    }
  }
}

const DELETED: Failure = {
  code: 'PREVIOUS_RUN_NOT_FOUND',
  message: 'One of the agent runs that this one builds on was deleted.',
};

const failed = ({ code, message }: Failure): EngineOutcome => ({
  ok: false,
  error: { type: 'INVALID_REQUEST', code, message },
  usage: NO_USAGE,
});

/** The contract's connected sources are known by name and not connected here. */
function dataSourceNote({ dataSources = [] }: AgentRequest): string {
  if (dataSources.length === 0) return '';
  const names = dataSources.map(({ provider }) => provider).join(', ');
  return ` Not connected here, so not asked: ${names}.`;
}
