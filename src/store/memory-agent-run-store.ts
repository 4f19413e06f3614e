import {
  isActive,
  type AgentRunChange,
  type AgentRunEvent,
  type AgentRunStore,
  type IdempotencyMark,
  type NewAgentRunEvent,
  type StoredAgentRun,
} from './agent-run-store.ts';
import { requireName } from './names.ts';

/** Agent runs that are gone when the process ends. */
export class MemoryAgentRunStore implements AgentRunStore {
  /** By owner and id, in the order of ids. */
  readonly #runs = new Map<string, Kept>();
  readonly #marks = new Map<string, IdempotencyMark>();
  #lastId: string | undefined;

  async add(change: AgentRunChange, mark?: IdempotencyMark): Promise<void> {
    const { owner, run } = change.next;
    if (this.#lastId !== undefined && run.id <= this.#lastId) {
      throw new TypeError(`The id ${run.id} does not sort after ${this.#lastId}`);
    }
    const kept: Kept = { stored: change.next, events: [], mark: mark?.key };
    this.#runs.set(keyOf(owner, run.id), kept);
    this.#lastId = run.id;
    append(kept, change.events);
    if (mark !== undefined) this.#marks.set(keyOf(owner, mark.key), mark);
  }

  async get(owner: string, id: string): Promise<StoredAgentRun | undefined> {
    return this.#runs.get(keyOf(owner, id))?.stored;
  }

  async list(
    owner: string,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<readonly StoredAgentRun[]> {
    return [...this.#runs.values()]
      .map(({ stored }) => stored)
      .filter((one) => one.owner === owner && (before === undefined || one.run.id < before))
      .reverse()
      .slice(0, limit);
  }

  async change(
    owner: string,
    id: string,
    decide: (now: StoredAgentRun) => AgentRunChange | undefined,
  ): Promise<StoredAgentRun | undefined> {
    const kept = this.#runs.get(keyOf(owner, id));
    if (kept === undefined) return undefined;
    const change = decide(kept.stored);
    if (change === undefined) return kept.stored;
    kept.stored = change.next;
    append(kept, change.events);
    return kept.stored;
  }

  async events(
    owner: string,
    id: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<readonly AgentRunEvent[]> {
    const events = this.#runs.get(keyOf(owner, id))?.events ?? [];
    return events.slice(after, after + limit);
  }

  async remove(owner: string, id: string): Promise<boolean> {
    const mark = this.#runs.get(keyOf(owner, id))?.mark;
    if (mark !== undefined) this.#marks.delete(keyOf(owner, mark));
    return this.#runs.delete(keyOf(owner, id));
  }

  async active(): Promise<readonly StoredAgentRun[]> {
    return [...this.#runs.values()].map(({ stored }) => stored).filter(isActive);
  }

  async mark(owner: string, key: string): Promise<IdempotencyMark | undefined> {
    return this.#marks.get(keyOf(owner, key));
  }

  async dropMarks(before: string): Promise<void> {
    for (const [key, { madeAt }] of this.#marks) if (madeAt < before) this.#marks.delete(key);
  }

  async lastId(): Promise<string | undefined> {
    return this.#lastId;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Kept {
  stored: StoredAgentRun;
  readonly events: AgentRunEvent[];
  readonly mark: string | undefined;
}

const keyOf = (owner: string, name: string): string => `${requireName('owner', owner)}\0${name}`;

function append({ events }: Kept, added: readonly NewAgentRunEvent[]): void {
  for (const event of added) events.push({ number: events.length + 1, ...event });
}
