import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isoTime } from '../base/clock.ts';
import { openDatabase, type Database } from '../duckdb/database.ts';
import { quoteLiteral } from '../duckdb/quote.ts';
import type { StepState, Store } from '../store/store.ts';
import { writeDatabase, type OutputDatabase } from './output-database.ts';
import { publishFile, sizeOf, sweep, syncFolder, unfinished } from './output-files.ts';
import { ATTEMPT_COLUMNS, spoolAttempts } from './output-ledger.ts';
import { pipelineQueries, type StepPart } from './output-pipeline.ts';
import { OutputProblem, problemMessage, sqlValue } from './output-problem.ts';
import { Spool } from './output-spool.ts';
import { readStamps, stampOf, stampOption, type Stamps } from './output-stamp.ts';
import { spoolStep } from './output-step.ts';
import type { PipelineTable } from './output-tables.ts';

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
  readonly rows: number;
  readonly kept: boolean;
}

class OutputWriter {
  readonly #options: OutputOptions;
  readonly #outFolder: string;
  /** Of the pipeline's Parquet files. */
  readonly #folder: string;
  readonly #scratch: string;
  readonly #spools: Spool[] = [];
  #open: Database | undefined;

  constructor(options: OutputOptions, outFolder: string, scratch: string) {
    this.#options = options;
    this.#outFolder = outFolder;
    this.#folder = join(outFolder, options.pipeline);
    this.#scratch = scratch;
  }

  async write(): Promise<OutputSummary> {
    await mkdir(this.#folder, { recursive: true });
    await sweep(this.#folder);
    await rm(this.#scratch, { recursive: true, force: true });
    await mkdir(this.#scratch, { recursive: true });
    const database = sqlValue(
      await openDatabase({
        folders: [this.#folder, this.#scratch],
        spillFolder: join(this.#scratch, 'spill'),
      }),
    );
    this.#open = database;
    const states = await this.#states();
    const stamps = Object.fromEntries(states.map((state) => [state.step, stampOf(state)]));
    const kept = await this.#keptSteps(database, states, stamps);
    const made: MadeTable[] = [];
    const parts: StepPart[] = [];
    for (const state of states) {
      const keep = kept.has(state.step);
      const step = keep ? this.#keep(state) : await this.#make(database, state, stamps);
      parts.push(step);
      made.push({
        name: state.step,
        comment: state.layout.description,
        rows: await countRows(database, step.path),
        kept: keep,
      });
    }
    made.push(...(await this.#makePipelineTables(database, parts, stamps)));
    return this.#publish(database, made);
  }

  async close(): Promise<void> {
    for (const spool of this.#spools) await spool.discard();
    await this.#open?.close();
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

  async #spool(name: string): Promise<Spool> {
    const spool = await Spool.create(join(this.#scratch, `${name}.ndjson`));
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
  async #keptSteps(
    database: Database,
    states: readonly StepState[],
    stamps: Stamps,
  ): Promise<ReadonlySet<string>> {
    const kept = new Set<string>();
    if (this.#options.skipUnchanged === false) return kept;
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

  async #make(database: Database, state: StepState, stamps: Stamps): Promise<StepPart> {
    const { step } = state;
    const rows = await this.#spool(`${step}.rows`);
    const lines = {
      citations: await this.#spool(`${step}.citations`),
      rejected: await this.#spool(`${step}.rejected`),
      failures: await this.#spool(`${step}.failures`),
    };
    const sorting = { database, scratchFolder: this.#scratch };
    const query = await spoolStep(this.#options.store, state, { rows, ...lines }, sorting);
    await this.#copy(database, step, query, { [step]: stamps[step] ?? '' });
    await rows.discard();
    return { step, path: this.#unfinished(step), lines };
  }

  async #makePipelineTables(
    database: Database,
    parts: readonly StepPart[],
    stamps: Stamps,
  ): Promise<readonly MadeTable[]> {
    const attempts = await this.#spool('attempts');
    await spoolAttempts(this.#options.store, this.#options.pipeline, attempts);
    await attempts.end();
    const query = attempts.query(ATTEMPT_COLUMNS);
    sqlValue(await database.run(`CREATE TABLE attempts AS ${query}`));
    const queries = pipelineQueries(parts, (table) => this.#path(table));
    const made: MadeTable[] = [];
    for (const name of Object.keys(queries) as PipelineTable[]) {
      await this.#copy(database, name, queries[name], stamps);
      const rows = await countRows(database, this.#unfinished(name));
      made.push({ name, comment: null, rows, kept: false });
    }
    return made;
  }

  /** Snappy, because every reader of Parquet has it built in. */
  async #copy(database: Database, table: string, query: string, stamps: Stamps): Promise<void> {
    const path = quoteLiteral(this.#unfinished(table));
    const written = await database.run(
      `COPY (${query}) TO ${path} (FORMAT parquet, COMPRESSION snappy, ${stampOption(stamps)})`,
    );
    if (!written.ok) throw new OutputProblem(`${table}: ${written.error.message}`);
  }

  async #publish(database: Database, made: readonly MadeTable[]): Promise<OutputSummary> {
    const problems: { path: string; message: string }[] = [];
    const tables: OutputTable[] = [];
    for (const { name, rows, kept } of made) {
      const path = this.#path(name);
      try {
        if (!kept) await publishFile(this.#folder, `${name}.parquet`);
        tables.push({ name, path, rows, bytes: await sizeOf(path), kept });
      } catch (error) {
        const message = problemMessage(error);
        if (message === undefined) throw error;
        problems.push({ path, message });
      }
    }
    const removed = await this.#removeOthers(database, made);
    await syncFolder(this.#folder);
    // Gives its memory back before the other database needs some.
    await database.close();
    const written = await writeDatabase(
      this.#outFolder,
      this.#options.pipeline,
      tables.map(({ name, path }) => ({ name, path, comment: commentOf(made, name) })),
      join(this.#scratch, 'spill'),
    );
    return { writtenAt: isoTime(this.#options.now), tables, removed, database: written, problems };
  }

  /** Files of steps that the pipeline no longer has. A file that we did not write stays. */
  async #removeOthers(database: Database, made: readonly MadeTable[]): Promise<readonly string[]> {
    const present = new Set(made.map(({ name }) => `${name}.parquet`));
    const removed: string[] = [];
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

const commentOf = (made: readonly MadeTable[], name: string): string | null =>
  made.find((table) => table.name === name)?.comment ?? null;

async function countRows(database: Database, path: string): Promise<number> {
  const query = `SELECT count(*) AS n FROM read_parquet(${quoteLiteral(path)})`;
  return Number(sqlValue(await database.rows(query))[0]?.['n'] ?? 0);
}
