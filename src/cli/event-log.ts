import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { isoTime, type Clock } from '../base/clock.ts';
import type { RunEvent, UntimedEvent } from '../execution/events.ts';

/** The form of `events.ndjson`; readers ignore fields they do not know. */
const EVENTS_FORMAT = '1.0';

/**
 * Writes a run's events to `<folder>/events.ndjson` as they happen, each with its time, and hands
 * them on to whoever shows the run.
 */
export class EventLog {
  readonly #stream: WriteStream;
  readonly #clock: Clock;
  readonly #show: (event: RunEvent) => void;
  /** Lines of this turn of the event loop: thousands of small writes would cost more than the run. */
  #lines = '';

  private constructor(stream: WriteStream, clock: Clock, show: (event: RunEvent) => void) {
    this.#stream = stream;
    this.#clock = clock;
    this.#show = show;
  }

  static async open(
    folder: string,
    clock: Clock,
    show: (event: RunEvent) => void,
  ): Promise<EventLog> {
    await mkdir(folder, { recursive: true });
    const stream = createWriteStream(join(folder, 'events.ndjson'), { flags: 'a' });
    await once(stream, 'open');
    // A disk that is full later on ends no run, because its answers are paid for: `close` tells it.
    stream.on('error', () => undefined);
    stream.write(`${JSON.stringify(versionRecord())}\n`);
    return new EventLog(stream, clock, show);
  }

  emit(event: UntimedEvent): void {
    const timed = { at: isoTime(this.#clock.now()), ...event } as RunEvent;
    if (this.#lines === '') setImmediate(() => this.#flush());
    this.#lines += `${JSON.stringify(timed)}\n`;
    this.#show(timed);
  }

  #flush(): void {
    if (this.#lines !== '') this.#stream.write(this.#lines);
    this.#lines = '';
  }

  /** Throws what the disk failed with, if it did. */
  async close(): Promise<void> {
    this.#flush();
    this.#stream.end();
    await finished(this.#stream);
  }
}

/** The first record of every stream of events. */
export const versionRecord = (): object => ({ type: 'version', format: EVENTS_FORMAT });
