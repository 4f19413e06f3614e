import { Pulse } from '../base/pulse.ts';

/**
 * Work under way, never more than `size` pieces: whoever adds waits until there is room. This
 * bounds memory by concurrency and not by the input, which a queue of closures would not.
 */
export class Window {
  readonly #size: number;
  readonly #onThrown: (error: unknown) => void;
  readonly #ended = new Pulse();
  #open = 0;
  #thrown: { readonly error: unknown } | undefined;

  /** `onThrown` hears at once of what {@link drain} only throws when all has ended. */
  constructor(size: number, onThrown: (error: unknown) => void = () => undefined) {
    this.#size = size;
    this.#onThrown = onThrown;
  }

  /** Starts `work` as soon as there is room. What it throws is thrown by {@link drain}. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#open >= this.#size) await this.#ended.next;
    this.#open++;
    void work()
      .catch((error: unknown) => {
        this.#onThrown(error);
        this.#thrown ??= { error };
      })
      .finally(() => {
        this.#open--;
        this.#ended.beat();
      });
  }

  /** Waits for all that was added, whether it threw or not. */
  async idle(): Promise<void> {
    while (this.#open > 0) await this.#ended.next;
  }

  /** Waits for all that was added, and throws what the first of it to fail has thrown. */
  async drain(): Promise<void> {
    await this.idle();
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}
