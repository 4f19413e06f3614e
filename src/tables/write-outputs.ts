import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isoTime } from '../base/clock.ts';
import type { KeySet } from '../base/key-set.ts';
import { quoteLiteral } from '../duckdb/quote.ts';
import type { StepState, Store } from '../store/store.ts';
import { ExternalSort } from './external-sort.ts';
import { writeDatabase, type OutputDatabase } from './output-database.ts';
import { publishFile, sizeOf, sweep, syncFolder, unfinished } from './output-files.ts';
import { ATTEMPT_COLUMNS, spoolAttempts } from './output-ledger.ts';
import { pipelineLines, pipelineQueries, type StepPart } from './output-pipeline.ts';
import { problemMessage, sqlValue } from './output-problem.ts';
import { Spool, type SpoolColumn } from './output-spool.ts';
import { readStamps, stampOf, stampOption, type Stamps } from './output-stamp.ts';
import { spoolStep } from './output-step.ts';
import { noRows, type PipelineTable } from './output-tables.ts';
import { CopyingDatabase, type RowSize } from './writing-database.ts';

export interface OutputOptions {
  readonly store: Store;
  readonly pipeline: string;
  /** Tables go into `<outFolder>/<pipeline>/`, the database is `<outFolder>/<pipeline>.duckdb`. */
  readonly outFolder: string;
  /** A folder for temporary files, of which only ours are touched. */
  readonly scratchFolder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Steps the pipeline has now; tables of others are removed. All the store knows when left out. */
  readonly steps?: readonly string[];
  /** Keep files that were made from the very state there is. True when left out. */
  readonly skipUnchanged?: boolean;
}

export interface OutputSummary {
  readonly writtenAt: string;
  /** The steps' tables in the order of the pipeline, then those about the pipeline. */
  readonly tables: readonly OutputTable[];
  /** Files of steps that are gone. */
  readonly removed: readonly string[];
  readonly database: OutputDatabase;
  /** What could not be written; the old file is still there. Empty when all went well. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

export interface OutputTable {
  readonly name: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** True when the file was left as it is, because it is what would have been written. */
  readonly kept: boolean;
}

/**
 * Writes every table of a pipeline as Parquet, and a DuckDB file with all of them, from the store
 * alone. The same state gives the same rows in the same order.
 *
 * All files are made beside the old ones first and then take their places one by one, so a crash
 * or a full disk leaves whole files. Memory does not grow with the tables. What fails because of
 * the disk is told in `problems`; anything thrown is a bug.
 */
export async function writeOutputs(options: OutputOptions): Promise<OutputSummary> {
  const outFolder = resolve(options.outFolder);
  const scratch = join(resolve(options.scratchFolder), `outputs-${options.pipeline}`);
  const writer = new OutputWriter(options, outFolder, scratch);
  try {
    return await writer.write();
  } catch (error) {
    const message = problemMessage(error);
    if (message === undefined) throw error;
    const path = join(outFolder, options.pipeline);
    return {
      writtenAt: isoTime(options.now),
      tables: [],
      removed: [],
      database: { status: 'failed', path: `${path}.duckdb`, message },
      problems: [{ path, message }],
    };
  } finally {
    await writer.close();
  }
}

/** A table on its way: made under a temporary name, or kept. */
interface MadeTable {
  readonly name: string;
  readonly comment: string | null;
  readonly size: RowSize;
  readonly kept: boolean;
}

class OutputWriter {
  readonly #options: OutputOptions;
  readonly #outFolder: string;
  /** Of the pipeline's Parquet files. */
  readonly #folder: string;
  readonly #scratch: string;
  readonly #spools: Spool[] = [];
  readonly #database: CopyingDatabase;

  constructor(options: OutputOptions, outFolder: string, scratch: string) {
    this.#options = options;
    this.#outFolder = outFolder;
    this.#folder = join(outFolder, options.pipeline);
    this.#scratch = scratch;
    this.#database = new CopyingDatabase([this.#folder, scratch], join(scratch, 'spill'));
  }

  async write(): Promise<OutputSummary> {
    await mkdir(this.#folder, { recursive: true });
    await sweep(this.#folder);
    await rm(this.#scratch, { recursive: true, force: true });
    await mkdir(this.#scratch, { recursive: true });
    const states = await this.#states();
    const stamps = Object.fromEntries(states.map((state) => [state.step, stampOf(state)]));
    const kept = await this.#keptSteps(states, stamps);
    const made: MadeTable[] = [];
    const parts: StepPart[] = [];
    for (const state of states) {
      const keep = kept.has(state.step);
      const step = keep ? this.#keep(state) : await this.#make(state, stamps);
      parts.push(step);
      const size = await this.#database.sizeOf(step.path);
      made.push({ name: state.step, comment: state.layout.description, size, kept: keep });
    }
    made.push(...(await this.#makePipelineTables(parts, stamps)));
    return this.#publish(made);
  }

  async close(): Promise<void> {
    for (const spool of this.#spools) await spool.discard();
    await this.#database.close();
    // Where this fails too, what failed before says more; the next writer sweeps.
    await sweep(this.#folder).catch(() => undefined);
    await rm(this.#scratch, { recursive: true, force: true }).catch(() => undefined);
  }

  #path(table: string): string {
    return join(this.#folder, `${table}.parquet`);
  }

  #unfinished(table: string): string {
    return unfinished(this.#folder, `${table}.parquet`);
  }

  #spool(name: string): Spool {
    const spool = new Spool(join(this.#scratch, name));
    this.#spools.push(spool);
    return spool;
  }

  async #states(): Promise<readonly StepState[]> {
    const { store, pipeline, steps } = this.#options;
    const states = await store.stepStates(pipeline);
    return states
      .filter((state) => steps === undefined || steps.includes(state.step))
      .sort((a, b) => a.layout.rank - b.layout.rank || (a.step < b.step ? -1 : 1));
  }

  /** Steps whose file, and whose lines in the other files, are what they would become. */
  async #keptSteps(states: readonly StepState[], stamps: Stamps): Promise<ReadonlySet<string>> {
    const kept = new Set<string>();
    if (this.#options.skipUnchanged === false) return kept;
    const database = await this.#database.get();
    const citations = await readStamps(database, this.#path('_citations'));
    const rejected = await readStamps(database, this.#path('_rejected'));
    for (const { step, failed } of states) {
      // Failures can change while the table stays the same.
      if (failed > 0 || citations?.[step] !== stamps[step] || rejected?.[step] !== stamps[step]) {
        continue;
      }
      const own = await readStamps(database, this.#path(step));
      if (own?.[step] === stamps[step]) kept.add(step);
    }
    return kept;
  }

  #keep({ step }: StepState): StepPart {
    return { step, path: this.#path(step), lines: undefined };
  }

  async #make(state: StepState, stamps: Stamps): Promise<StepPart> {
    const { step } = state;
    const rows = this.#spool(`${step}.rows`);
    const lines = {
      citations: this.#spool(`${step}.citations`),
      rejected: this.#spool(`${step}.rejected`),
      failures: this.#spool(`${step}.failures`),
    };
    const sorting = { scratchFolder: this.#scratch };
    const query = await spoolStep(this.#options.store, state, { rows, ...lines }, sorting);
    const path = this.#unfinished(step);
    const option = stampOption({ [step]: stamps[step] ?? '' });
    await this.#database.copy(step, query, { path, longest: rows.longest, option });
    await rows.discard();
    return { step, path, lines };
  }

  async #makePipelineTables(
    parts: readonly StepPart[],
    stamps: Stamps,
  ): Promise<readonly MadeTable[]> {
    const attempts = await this.#spoolAttempts(parts);
    const longest = await this.#longestOf(attempts, parts);
    // As Parquet, because several queries read it and one of a few columns need not read the rest.
    const file = join(this.#scratch, 'attempts.parquet');
    await this.#database.copy('attempts', attempts.query(ATTEMPT_COLUMNS), { path: file, longest });
    await attempts.discard();
    const lines = pipelineLines(parts, (table) => this.#path(table));
    const from = `read_parquet(${quoteLiteral(file)})`;
    const queries = await pipelineQueries(lines, from, (name, columns, them) =>
      this.#inOrder(name, columns, them, longest),
    );
    const made: MadeTable[] = [];
    for (const name of Object.keys(queries) as PipelineTable[]) {
      const path = this.#unfinished(name);
      await this.#database.copy(name, queries[name], {
        path,
        longest,
        option: stampOption(stamps),
      });
      made.push({ name, comment: null, size: await this.#database.sizeOf(path), kept: false });
    }
    return made;
  }

  async #inOrder(
    name: string,
    columns: readonly SpoolColumn[],
    queries: readonly string[],
    longest: number,
  ): Promise<string> {
    const [only = noRows(columns)] = queries;
    if (queries.length < 2) return only;
    const files: string[] = [];
    for (const [nth, query] of queries.entries()) {
      const path = join(this.#scratch, `${name}-${nth}.parquet`);
      await this.#database.copy(name, query, { path, longest });
      files.push(quoteLiteral(path));
    }
    return `SELECT * FROM read_parquet([${files.join(', ')}])`;
  }

  async #spoolAttempts(parts: readonly StepPart[]): Promise<Spool> {
    const { store, pipeline } = this.#options;
    const spool = this.#spool('attempts');
    const sort = new ExternalSort(join(this.#scratch, 'attempts.lines'));
    try {
      const usedOf = (foreign: KeySet): Promise<ReadonlySet<string>> => this.#used(foreign, parts);
      await spoolAttempts({ store, pipeline, sort, spool, usedOf });
    } finally {
      await sort.discard();
    }
    await spool.end();
    return spool;
  }

  /** Which of these agent runs rows of the steps' tables come from. */
  async #used(foreign: KeySet, parts: readonly StepPart[]): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    if (foreign.size === 0) return used;
    const database = await this.#database.get();
    for (const { path } of parts) {
      const sql = `SELECT _agent_run_id FROM read_parquet(${quoteLiteral(path)})`;
      for await (const rows of sqlValue(await database.stream(sql)).rows) {
        for (const { _agent_run_id: id } of rows) {
          if (typeof id === 'string' && foreign.has(id)) used.add(id);
        }
      }
    }
    return used;
  }

  /** Bytes of the longest line of the tables about the pipeline, or more. */
  async #longestOf(attempts: Spool, parts: readonly StepPart[]): Promise<number> {
    let longest = attempts.longest;
    for (const { lines } of parts) {
      for (const spool of Object.values(lines ?? {}) as Spool[]) {
        longest = Math.max(longest, spool.longest);
      }
    }
    if (parts.every(({ lines }) => lines !== undefined)) return longest;
    // The lines of a step that is kept come from the file of before.
    const database = await this.#database.get();
    const sql = `SELECT max(total_uncompressed_size) AS most FROM parquet_metadata(${quoteLiteral(this.#path('_rejected'))})`;
    const [row] = sqlValue(await database.rows(sql));
    return Math.max(longest, Number(row?.['most'] ?? 0));
  }

  async #publish(made: readonly MadeTable[]): Promise<OutputSummary> {
    const problems: { path: string; message: string }[] = [];
    const tables: OutputTable[] = [];
    for (const { name, size, kept } of made) {
      const path = this.#path(name);
      try {
        if (!kept) await publishFile(this.#folder, `${name}.parquet`);
        tables.push({ name, path, rows: size.rows, bytes: await sizeOf(path), kept });
      } catch (error) {
        const message = problemMessage(error);
        if (message === undefined) throw error;
        problems.push({ path, message });
      }
    }
    const removed = await this.#removeOthers(made);
    await syncFolder(this.#folder);
    // Gives its memory back before the other database needs some.
    await this.#database.close();
    const written = await writeDatabase(
      this.#outFolder,
      this.#options.pipeline,
      made.flatMap(({ name, comment, size }) => {
        const path = tables.find((table) => table.name === name)?.path;
        return path === undefined ? [] : [{ name, path, comment, ...size }];
      }),
      join(this.#scratch, 'spill'),
    );
    return { writtenAt: isoTime(this.#options.now), tables, removed, database: written, problems };
  }

  /** Files of steps that the pipeline no longer has. A file that we did not write stays. */
  async #removeOthers(made: readonly MadeTable[]): Promise<readonly string[]> {
    const present = new Set(made.map(({ name }) => `${name}.parquet`));
    const removed: string[] = [];
    const database = await this.#database.get();
    for (const file of await readdir(this.#folder)) {
      const path = join(this.#folder, file);
      if (present.has(file) || file.startsWith('.') || !file.endsWith('.parquet')) continue;
      if ((await readStamps(database, path)) === undefined) continue;
      await rm(path, { force: true });
      removed.push(path);
    }
    return removed;
  }
}
