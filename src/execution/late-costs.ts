import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import { addMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { Result } from '../base/result.ts';
import type { AttemptEnded, AttemptIntended, Store } from '../store/store.ts';
import type { RunContext } from './context.ts';
import { reportedCost } from './settle-task.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A server that has not said by then what an agent run cost will not say it any more. */
const ASKED_FOR_MS: number = 7 * DAY_MS;
const WAIT_MS = 10_000;

/** An attempt that ended without a word on its cost. */
interface Unsaid {
  readonly intended: AttemptIntended;
  readonly ended: AttemptEnded;
  readonly agentRunId: string;
}

/**
 * Asks again what agent runs cost that ended without saying so in the last days: until it is known
 * their ceilings stay taken. What cannot be had now is asked about at the start of the next run.
 */
export async function askLateCosts(context: RunContext): Promise<void> {
  const { store, clock, pipeline, agents } = context;
  const nowMs = clock.now();
  if (!(await anyUnknown(store, nowMs))) return;
  for (const { intended, ended, agentRunId } of await unsaidCosts(store, pipeline.name, nowMs)) {
    const agent = await agents.open(intended.agent);
    if (!agent.ok || agent.value.ephemeral) continue;
    const run = await getSoon(agent.value, agentRunId, context);
    // Who does not answer one would not answer the next.
    if (!run.ok && run.error.kind !== 'not-found') return;
    if (!run.ok || !isTerminal(run.value)) continue;
    // A follow-up may have gone on under the id of the agent run before it.
    const bookedBefore = await bookedFor(agentRunId, store);
    const reported = reportedCost(run.value, { bookedBefore });
    if (reported === null) continue;
    const { attempt, run: of, pipeline: name, step, reserved } = intended;
    await store.note({
      type: 'cost-told',
      at: isoTime(clock.now()),
      attempt,
      run: of,
      pipeline: name,
      step,
      reported,
      endedAt: ended.at,
      reserved,
    });
  }
}

/** The agent run, or why it cannot be had within a few seconds: nobody waits longer for a price. */
async function getSoon(
  agent: AgentBackend,
  agentRunId: string,
  { clock, signal }: RunContext,
): Promise<Result<AgentRun, AgentProblem>> {
  const late = new AbortController();
  const came = new AbortController();
  void clock.sleep(WAIT_MS, came.signal).then(() => {
    late.abort();
  });
  const run = await agent.get(agentRunId, AbortSignal.any([signal, late.signal]));
  came.abort();
  return run;
}

/** Looked up before the ledger is read, which may be long. */
async function anyUnknown(store: Store, nowMs: number): Promise<boolean> {
  const months = await Promise.all(
    [nowMs, nowMs - ASKED_FOR_MS].map((ms) => store.spending(isoTime(ms))),
  );
  return months.some(({ month }) => month.unknown > 0);
}

/** What the ledger has for an agent run already. */
async function bookedFor(agentRunId: string, store: Store): Promise<Microdollars> {
  let booked = microdollars(0);
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type !== 'attempt-ended' || entry.agentRunId !== agentRunId) continue;
      booked = addMoney(booked, entry.reported ?? microdollars(0));
    }
  }
  return booked;
}

async function unsaidCosts(
  store: Store,
  pipeline: string,
  nowMs: number,
): Promise<readonly Unsaid[]> {
  const open = new Map<string, AttemptIntended>();
  const unsaid = new Map<string, Unsaid>();
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      const { attempt } = entry;
      if (entry.type === 'attempt-intended') {
        if (entry.pipeline === pipeline) open.set(attempt, entry);
      } else if (entry.type === 'cost-told') {
        unsaid.delete(attempt);
      } else if (entry.type === 'attempt-ended') {
        const intended = open.get(attempt);
        open.delete(attempt);
        const recent = nowMs - Date.parse(entry.at) < ASKED_FOR_MS;
        if (intended === undefined || entry.reported !== null || !recent) continue;
        const { agentRunId } = entry;
        if (agentRunId !== null) unsaid.set(attempt, { intended, ended: entry, agentRunId });
      }
    }
  }
  return [...unsaid.values()];
}
