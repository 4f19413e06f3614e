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
 * Pages of one table lie among those of others, and a page comes with its neighbours: a walk through
 * all answers, or all of the ledger, maps nearly the whole file. About so many bytes a byte read.
 */
const SPREAD = 6;

/** Answers so near to each other in number that they are likely to be in the same stretch. */
const NEIGHBOURS = 32;

/**
 * An estimate of how much of the mapped file counts as this process's memory. Every page that was
 * ever touched stays in the map, so a long run would look as large as its state.
 */
export class MappedPages {
  #touched = 0;
  #lookups = 0;
  #indexed = 0;
  #lastAnswer = 0;

  /** Bytes appended to a table that grows at its end. */
  wrote(bytes: number): void {
    this.#touched += bytes;
  }

  /** Bytes read from a table in its order. */
  read(bytes: number): void {
    this.#touched += bytes * SPREAD;
  }

  /** An answer was read. */
  readAnswer(id: number, bytes: number): void {
    const isNear = Math.abs(id - this.#lastAnswer) <= NEIGHBOURS;
    this.#touched += isNear ? bytes * SPREAD : Math.max(bytes, MAPPED_A_LOOKUP);
    this.#lastAnswer = id;
  }

  /** Places of the index that were read. */
  look(places: number): void {
    this.#lookups += places;
  }

  /** About how many entries the index has. */
  index(entries: number): void {
    this.#indexed = entries;
  }

  /** Whether the file is to be mapped anew. */
  areFull(): boolean {
    const index = Math.min(this.#lookups * MAPPED_A_LOOKUP, this.#indexed * INDEX_ENTRY);
    return this.#touched + index > MOST_MAPPED;
  }

  /** After the file was mapped anew. */
  reset(): void {
    this.#touched = 0;
    this.#lookups = 0;
  }
}
