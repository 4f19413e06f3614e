import { addMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { Store } from '../store/store.ts';

/**
 * What is booked for agent runs that several attempts share: a follow-up may go on under the id of
 * the agent run before it. Every booking for one of them goes through here, so that attempts that
 * end side by side, and costs that are told late, never book the same part of a total twice.
 */
export class Booked {
  readonly #store: Store;
  readonly #amounts = new Map<string, Microdollars>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads what the ledger has for these agent runs, in one walk; what is known already stays. */
  async know(agentRunIds: readonly string[]): Promise<void> {
    const wanted = new Set(agentRunIds.filter((id) => !this.#amounts.has(id)));
    if (wanted.size === 0) return;
    for (const [id, amount] of await walk(this.#store, wanted)) {
      // Meanwhile another walk may have come to its end, and more may have been booked.
      if (!this.#amounts.has(id)) this.#amounts.set(id, amount);
    }
  }

  /** Undefined where no attempt of it has ended. */
  before(agentRunId: string): Microdollars | undefined {
    return this.#amounts.get(agentRunId);
  }

  /** Before it is written, and without a wait since {@link before}. */
  add(agentRunId: string, cost: Microdollars): void {
    this.#amounts.set(agentRunId, addMoney(this.before(agentRunId) ?? microdollars(0), cost));
  }
}

async function walk(
  store: Store,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Microdollars>> {
  const amounts = new Map<string, Microdollars>();
  /** Agent runs of the attempts that ended without a word on their cost. */
  const unsaid = new Map<string, string>();
  const add = (id: string, cost: Microdollars): void => {
    amounts.set(id, addMoney(amounts.get(id) ?? microdollars(0), cost));
  };
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type === 'cost-told') {
        const id = unsaid.get(entry.attempt);
        if (id !== undefined) add(id, entry.reported);
      } else if (entry.type === 'attempt-ended') {
        const { agentRunId: id, reported, attempt } = entry;
        if (id === null || !wanted.has(id)) continue;
        add(id, reported ?? microdollars(0));
        if (reported === null) unsaid.set(attempt, id);
      }
    }
  }
  return amounts;
}
