import { isTerminal, type AgentBackend, type AgentRun } from '../agent/agent.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import { formatMoney } from '../base/money.ts';
import type { Reservation } from '../cost/budget.ts';
import type { AttemptEnded } from '../store/store.ts';
import type { Failure, FailureKind } from './failure.ts';

/** Pages that are read for the cost of one agent run, newest first. */
const MOST_PAGES = 10;
const PAGE_SIZE = 100;
/** Clocks differ; whatever began longer before that than this began before it. */
const MARGIN_MS = 60 * 60_000;

const UNSEEN: ReadonlySet<string | null> = new Set<FailureKind>(['run-gone', 'output-too-large']);

/** Whether an attempt was closed without a look at how its agent run had ended. */
export const endWasUnseen = ({ failure }: Pick<AttemptEnded, 'failure'>): boolean =>
  UNSEEN.has(failure);

/** An agent run whose end cannot be seen. */
interface UnseenRun {
  readonly agentRunId: string;
  readonly startedMs: number;
  readonly reservation: Reservation;
}

/**
 * The end to book for an agent run whose own end cannot be seen. Where only its answer is too large
 * to read, the list may say how it ended and what it cost; otherwise the cost is unknown, and the
 * failure says so.
 */
export async function unseenEnd(
  open: UnseenRun,
  why: Failure,
  agent: AgentBackend,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly run: AgentRun; readonly why: Failure }> {
  const { agentRunId, startedMs, reservation } = open;
  const listed =
    why.kind === 'output-too-large'
      ? await listedRun(agentRunId, startedMs, agent, signal)
      : undefined;
  const run = listed ?? goneRun(open, isoTime(clock.now()), agent.ephemeral);
  if (run.costDollars !== undefined) return { run, why };
  const message = `${why.message.replace(/\.$/, '')}; its cost is not known and counts as ${formatMoney(reservation.held)}`;
  return { run, why: { ...why, message } };
}

/**
 * An agent run that has ended as the agent's list shows it, without its output; undefined where it
 * is not among the newest ones, back to `sinceMs`, or its page is too large as well.
 */
export async function listedRun(
  id: string,
  sinceMs: number,
  agent: Pick<AgentBackend, 'list'>,
  signal: AbortSignal,
): Promise<AgentRun | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const options = { limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
    const listed: Awaited<ReturnType<AgentBackend['list']>> = await agent.list(options, signal);
    if (!listed.ok) return undefined;
    const { runs, nextCursor } = listed.value;
    const found = runs.find((run) => run.id === id);
    if (found !== undefined) return isTerminal(found) ? { ...found, output: NOTHING } : undefined;
    const last = Date.parse(runs.at(-1)?.createdAt ?? '');
    if (nextCursor === undefined || last < sinceMs - MARGIN_MS) return undefined;
    cursor = nextCursor;
  }
  return undefined;
}

const NOTHING: AgentRun['output'] = { text: '', structured: null, grounding: [] };

const goneRun = (
  { agentRunId, startedMs }: UnseenRun,
  completedAt: string,
  isFree: boolean,
): AgentRun => ({
  id: agentRunId,
  status: 'failed',
  stopReason: 'error',
  createdAt: isoTime(startedMs),
  completedAt,
  request: null,
  output: NOTHING,
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
  ...(isFree && {
    costDollars: { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 },
  }),
});
