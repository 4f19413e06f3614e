import type { AgentBackend } from '../agent/agent.ts';
import type { Emit } from './events.ts';
import { TAGS } from './tags.ts';

/** Newest agent runs that are looked through. */
const PAGES = 3;
const PAGE_SIZE = 100;

/** One other state folder, by what its agent runs say. */
interface Other {
  readonly runs: number;
  readonly newest: string;
}

/**
 * Agent runs that were made from another state folder and asked the same: the folder was deleted
 * or left on another machine, and what it knows is about to be bought again. Looked for by the
 * first run of a new state folder only.
 */
export class Elsewhere {
  readonly #emit: Emit;
  readonly #signal: AbortSignal;
  /** By agent: question tag → the other folder. */
  readonly #seen = new Map<string, Promise<ReadonlyMap<string, Other>>>();
  #hasTold = false;

  constructor(parts: { readonly emit: Emit; readonly signal: AbortSignal }) {
    this.#emit = parts.emit;
    this.#signal = parts.signal;
  }

  /** Says so before the first question is bought that was bought from there. */
  async look(tag: string, stateId: string, agent: AgentBackend): Promise<void> {
    if (this.#hasTold || agent.ephemeral) return;
    const seen = this.#seen.get(agent.name) ?? this.#read(agent, stateId);
    this.#seen.set(agent.name, seen);
    const other = (await seen).get(tag);
    if (other === undefined || this.#hasTold) return;
    this.#hasTold = true;
    const { runs, newest } = other;
    const message =
      `another state folder has asked the same of agent "${agent.name}" (${runs} agent ${runs === 1 ? 'run' : 'runs'}, ` +
      `the newest of ${newest}); put that .fieldwork/state back and nothing is bought twice`;
    this.#emit({ type: 'warning', step: '', task: '', message });
  }

  /** A list that cannot be read keeps nobody from working. */
  async #read(agent: AgentBackend, stateId: string): Promise<ReadonlyMap<string, Other>> {
    const folders = new Map<string, { runs: number; newest: string }>();
    const byTag = new Map<string, Other>();
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const listed = await this.#list(agent, cursor);
      if (!listed.ok) break;
      for (const { request, createdAt } of listed.value.runs) {
        const { [TAGS.state]: folder = stateId, [TAGS.question]: tag = '' } =
          request?.metadata ?? {};
        if (folder === stateId) continue;
        const other = folders.get(folder) ?? { runs: 0, newest: createdAt };
        other.runs++;
        folders.set(folder, other);
        byTag.set(tag, other);
      }
      cursor = listed.value.nextCursor;
      if (cursor === undefined) break;
    }
    return byTag;
  }

  /** Often the very first thing that is asked of a server: where it cannot be reached, that is told. */
  async #list(agent: AgentBackend, cursor: string | undefined): ReturnType<AgentBackend['list']> {
    const options = { limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
    const listed = await agent.list({ ...options, isHasty: true }, this.#signal);
    if (listed.ok) return listed;
    if (listed.error.kind === 'unreachable') {
      const message = `agent "${agent.name}" cannot be reached yet: ${listed.error.message}`;
      this.#emit({ type: 'warning', step: '', task: '', message });
    }
    return agent.list(options, this.#signal);
  }
}
