import type { AgentRequest } from '../agent/agent.ts';
import type { LocalAgent, LocalAnswer } from '../agent/local/local-agent.ts';
import { Continuations } from '../agent/local/continuations.ts';
import { ok, type Result } from '../base/result.ts';
import { NO_USAGE } from './accounting.ts';
import type { Engine, EngineOutcome, EngineTask } from './engine.ts';

/** Answers whose state is held in memory, so that follow-ups need not find it again. */
const REMEMBERED = 1_000;

type State = LocalAnswer['continuation'];

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The local agent as the engine of a server. */
export class LocalEngine implements Engine {
  readonly identity: string;
  readonly #agent: LocalAgent;
  readonly #states = new Continuations(REMEMBERED);

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
    return this.#states.after(id, task.earlier, ({ request, startedMs }, before) =>
      this.#agent.answer(request, { nowMs: startedMs, before, signal: task.cancelled }),
    );
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
    if (answered.ok) this.#states.remember(id, answered.value.continuation);
    return answered;
  }
}

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
