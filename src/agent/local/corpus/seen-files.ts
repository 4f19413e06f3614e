import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ulid } from '../../../base/ids.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { IndexPlace } from './index-place.ts';
import type { LookedOver } from './look-over.ts';

/** Goes up with every change of what is looked for in a file. */
const VERSION = 1;
/** File systems tell times apart to 2 s at worst: a younger stamp may stay through a change. */
const SETTLED_MS = 2_000;

/**
 * What files were when they were looked over last, by their stamps, so that a file that has not
 * changed is not read again for its digest. Without it, or with a damaged one, all are read.
 */
export class SeenFiles {
  readonly #place: IndexPlace;
  readonly #known: JsonObject;
  readonly #nowMs: number;

  private constructor(place: IndexPlace, known: JsonObject) {
    this.#place = place;
    this.#known = known;
    this.#nowMs = place.clock.now();
  }

  /** Beside the index at a place. Does not reject. */
  static async open(place: IndexPlace): Promise<SeenFiles> {
    return new SeenFiles(place, await readKnown(pathOf(place)));
  }

  /** What a file is, when its stamp is the same. */
  get(path: string, stamp: string): Pick<LookedOver, 'hash' | 'problem'> | undefined {
    const known = this.#known[path];
    if (!isJsonObject(known) || known['stamp'] !== stamp) return undefined;
    const { hash, problem } = known;
    if (typeof hash !== 'string') return undefined;
    return { hash, problem: typeof problem === 'string' ? problem : undefined };
  }

  /** Remembers all files that are in the corpus now; where that fails they are read again. */
  async keep(looked: ReadonlyMap<string, LookedOver>): Promise<void> {
    const files: Record<string, JsonObject> = {};
    let isNew = Object.keys(this.#known).some((path) => !looked.has(path));
    for (const [path, { stamp, hash, problem, changedMs }] of looked) {
      if (hash === 'unreadable' || changedMs > this.#nowMs - SETTLED_MS) continue;
      files[path] = problem === undefined ? { stamp, hash } : { stamp, hash, problem };
      isNew ||= this.get(path, stamp) === undefined;
    }
    if (!isNew) return;
    const { random, clock } = this.#place;
    const path = pathOf(this.#place);
    const making = `${this.#place.path}.${ulid(clock.now(), random)}.json`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(making, JSON.stringify({ version: VERSION, files }));
      await rename(making, path);
    } catch {
      await rm(making, { force: true }).catch(() => undefined);
    }
  }
}

const pathOf = ({ path }: IndexPlace): string => `${path.replace(/\.duckdb$/u, '')}.files.json`;

async function readKnown(path: string): Promise<JsonObject> {
  try {
    const kept: unknown = JSON.parse(await readFile(path, 'utf8'));
    const usable = isJsonObject(kept) && kept['version'] === VERSION ? kept['files'] : undefined;
    return isJsonObject(usable) ? usable : {};
  } catch {
    return {};
  }
}
