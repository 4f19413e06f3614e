/** Something that happens again and again, and that many can wait for. */
export class Pulse {
  #resolve: () => void = () => undefined;
  #next: Promise<void>;

  constructor() {
    this.#next = this.#fresh();
  }

  /** Resolves at the next {@link beat}. Take it before looking at what the beat would change. */
  get next(): Promise<void> {
    return this.#next;
  }

  beat(): void {
    const resolve = this.#resolve;
    this.#next = this.#fresh();
    resolve();
  }

  #fresh(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
