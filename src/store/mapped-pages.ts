/**
 * The file is mapped anew when about so many bytes of the map are resident. The index of 100,000
 * answers fits: who only looks things up there must not pay for a new map again and again.
 */
const MOST_MAPPED = 20 * 2 ** 20;

/**
 * A page that is read for the first time brings its neighbours into the map as well, as far as they
 * are in memory: 64 KiB (`fault_around_bytes` of Linux). Look-ups by fingerprint hardly ever hit
 * the same place twice, so each costs that much.
 */
const MAPPED_A_LOOKUP = 2 ** 16;

/** Bytes of the file that one entry of the index takes, room in its page included: about. */
const INDEX_ENTRY = 160;

/**
 * An estimate of how much of the mapped file counts as this process's memory. Every page that was
 * ever touched stays in the map, so a long run would look as large as its state.
 */
export class MappedPages {
  #written = 0;
  #lookups = 0;

  /** Bytes appended to tables that grow at their end. */
  wrote(bytes: number): void {
    this.#written += bytes;
  }

  /** Places of the index that were read. */
  looked(places: number): void {
    this.#lookups += places;
  }

  /** Whether the file is to be mapped anew; `entries` is about how many the index has. */
  isFull(entries: number): boolean {
    const index = Math.min(this.#lookups * MAPPED_A_LOOKUP, entries * INDEX_ENTRY);
    return this.#written + index > MOST_MAPPED;
  }

  /** After the file was mapped anew. */
  reset(): void {
    this.#written = 0;
    this.#lookups = 0;
  }
}
