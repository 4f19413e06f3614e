import { isTerminal, type AgentRun } from '../agent/agent.ts';
import type { JsonObject } from '../base/json.ts';

/** An agent run that a server keeps, and who it belongs to. */
export interface StoredAgentRun {
  /** Whose it is. Only its owner can see that it exists. */
  readonly owner: string;
  readonly run: AgentRun;
  /** ISO-8601 UTC; null while it is queued. */
  readonly startedAt: string | null;
  /** How often work on it began: more than once where a server went away in the middle. */
  readonly starts: number;
  /** Its owner asked it to finish early. */
  readonly stopAsked?: true;
}

/** Something that happened to an agent run. Events are appended and never changed. */
export interface AgentRunEvent {
  /** 1, 2, 3 … within its run, without gaps. */
  readonly number: number;
  readonly event: string;
  readonly data: JsonObject;
  readonly createdAt: string;
}

export type NewAgentRunEvent = Omit<AgentRunEvent, 'number'>;

/** What is written together: a run's new state and the events that tell of it. */
export interface AgentRunChange {
  readonly next: StoredAgentRun;
  readonly events: readonly NewAgentRunEvent[];
}

/** Ties a caller's idempotency key to the run that was made for it. */
export interface IdempotencyMark {
  readonly key: string;
  /** Of the request that came with the key. */
  readonly digest: string;
  readonly runId: string;
  /** ISO-8601 UTC. */
  readonly madeAt: string;
}

/**
 * Agent runs of a server, with their events. One process writes at a time.
 *
 * Every method that writes is one transaction, and resolves when it is durable: a reader sees a
 * run's end, its output, its cost and its last event together or none of them.
 */
export interface AgentRunStore {
  /** The id of a new run must sort after all that were ever added. */
  add(change: AgentRunChange, mark?: IdempotencyMark): Promise<void>;
  get(owner: string, id: string): Promise<StoredAgentRun | undefined>;
  /** Newest first; only runs older than the one with the id `before`, which may be gone. */
  list(
    owner: string,
    options: { readonly limit: number; readonly before?: string },
  ): Promise<readonly StoredAgentRun[]>;
  /**
   * Reads a run and writes what `decide` makes of it; undefined leaves it as it is. Of two changes
   * that race, the second one decides on what the first one wrote. Gives the run as it is then;
   * undefined when there is no such run. `decide` must not wait and must not keep its argument.
   */
  change(
    owner: string,
    id: string,
    decide: (now: StoredAgentRun) => AgentRunChange | undefined,
  ): Promise<StoredAgentRun | undefined>;
  /** Ascending, those after the number `after`. */
  events(
    owner: string,
    id: string,
    options: { readonly after: number; readonly limit: number },
  ): Promise<readonly AgentRunEvent[]>;
  /** Forgets a run, its events and its idempotency key. False when there is no such run. */
  remove(owner: string, id: string): Promise<boolean>;
  /** Runs that have not ended, oldest first, of all owners. */
  active(): Promise<readonly StoredAgentRun[]>;
  mark(owner: string, key: string): Promise<IdempotencyMark | undefined>;
  /** Forgets marks made before that time. */
  dropMarks(before: string): Promise<void>;
  /** The last id ever added, also when that run was removed since. */
  lastId(): Promise<string | undefined>;
  close(): Promise<void>;
}

export const isActive = ({ run }: StoredAgentRun): boolean => !isTerminal(run);
