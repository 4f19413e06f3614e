import { Pulse } from '../base/pulse.ts';
import type { AgentRunEvent, NewAgentRunEvent } from '../store/agent-run-store.ts';

/** Reads events of one run after a number, ascending; undefined when none will ever come. */
export type ReadEvents = (
  after: number,
  limit: number,
) => Promise<readonly AgentRunEvent[] | undefined>;

/** What a reader of one run's events holds on to. */
export interface Subscription {
  /** Resolves at the next change. Take it before reading. */
  readonly changed: Promise<void>;
  readonly read: ReadEvents;
  unsubscribe(): void;
}

/** Told that there are new events to take, and how many characters they have. */
export type OnEvents = (size: () => number) => void;

interface Channel {
  readonly pulse: Pulse;
  readonly listeners: Set<OnEvents>;
  /** All events of a run that was deleted, for those who read it then. */
  last: readonly AgentRunEvent[] | undefined;
}

/**
 * Tells readers that there are new events. The events themselves each reader takes from the store,
 * after the last one it has: so replay and live are one thing, and nothing is lost or told twice.
 */
export class EventFeed {
  readonly #channels = new Map<string, Channel>();

  /** Readers of all runs. */
  get readers(): number {
    let count = 0;
    for (const { listeners } of this.#channels.values()) count += listeners.size;
    return count;
  }

  subscribe(owner: string, id: string, stored: ReadEvents, onEvents: OnEvents): Subscription {
    const key = keyOf(owner, id);
    const channel: Channel = this.#channels.get(key) ?? {
      pulse: new Pulse(),
      listeners: new Set(),
      last: undefined,
    };
    this.#channels.set(key, channel);
    const listener: OnEvents = (size) => {
      onEvents(size);
    };
    channel.listeners.add(listener);
    return {
      get changed() {
        return channel.pulse.next;
      },
      read: async (after, limit) => {
        const events = channel.last === undefined ? await stored(after, limit) : undefined;
        // The run may have been deleted while the store was read.
        if (channel.last === undefined || (events !== undefined && events.length > 0))
          return events;
        const rest = channel.last.slice(after, after + limit);
        return rest.length > 0 ? rest : undefined;
      },
      unsubscribe: () => {
        channel.listeners.delete(listener);
        if (channel.listeners.size === 0 && this.#channels.get(key) === channel) {
          this.#channels.delete(key);
        }
      },
    };
  }

  hasReaders(owner: string, id: string): boolean {
    return this.#channels.has(keyOf(owner, id));
  }

  /** These are in the store now. */
  tell(owner: string, id: string, events: readonly NewAgentRunEvent[]): void {
    const channel = this.#channels.get(keyOf(owner, id));
    if (channel === undefined) return;
    const size = (): number => JSON.stringify(events).length;
    for (const listener of channel.listeners) listener(size);
    channel.pulse.beat();
  }

  /** Wakes everyone, with nothing new. */
  wakeAll(): void {
    for (const { pulse } of this.#channels.values()) pulse.beat();
  }

  /** The run is about to be deleted; whoever reads it gets the rest from here. */
  retire(owner: string, id: string, events: readonly AgentRunEvent[]): void {
    const channel = this.#channels.get(keyOf(owner, id));
    if (channel === undefined) return;
    channel.last = events;
    channel.pulse.beat();
  }
}

const keyOf = (owner: string, id: string): string => `${owner}\0${id}`;
