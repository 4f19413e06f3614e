import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { RunEvent } from '../../src/execution/events.ts';
import { copyProject, ioOf, worldAt } from './project-copy.ts';
import { DAY_ONE } from './scenario.ts';

export const CASSETTES: string = fileURLToPath(new URL('cassettes', import.meta.url));

/** What one command came to. */
export interface Told {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the real command line on a copy of the examples, with the recorded answers beside them. */
export class ExampleProject {
  readonly root: string;
  readonly #world = worldAt(DAY_ONE);

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<ExampleProject> {
    const root = await copyProject();
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    await cp(CASSETTES, join(root, 'cassettes'), { recursive: true });
    return new ExampleProject(root);
  }

  set now(time: string) {
    this.#world.nowMs = Date.parse(time);
  }

  async call(...argv: readonly string[]): Promise<Told> {
    const told = { out: '', error: '' };
    const exit = await runProgram(argv, ioOf(this.root, this.#world, told));
    return { exit, ...told };
  }

  /** Replays a pipeline; the events of the run with its exit code. */
  async replay(
    pipeline: string,
    ...more: readonly string[]
  ): Promise<{ readonly exit: number; readonly events: readonly RunEvent[]; readonly told: Told }> {
    const told = await this.call('run', pipeline, '--agent', 'replay', '--json', ...more);
    const events = told.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RunEvent);
    return { exit: told.exit, events, told };
  }

  /** The rows of a table as the command line shows them. */
  async table(pipeline: string, table: string): Promise<readonly JsonObject[]> {
    const argv = ['show', pipeline, table, '--json', '--limit', '1000'];
    const { exit, out, error } = await this.call(...argv);
    if (exit !== 0) throw new Error(error);
    return JSON.parse(out) as readonly JsonObject[];
  }

  /** Names of the tables that a pipeline has written. */
  async tables(pipeline: string): Promise<readonly string[]> {
    const files = await readdir(join(this.root, 'out', pipeline));
    return files
      .filter((file) => file.endsWith('.parquet'))
      .map((file) => file.slice(0, -'.parquet'.length))
      .sort();
  }

  /** Changes with any byte of the tables. */
  async digestOf(pipeline: string): Promise<string> {
    const hash = createHash('sha256');
    for (const name of await this.tables(pipeline)) {
      hash.update(name).update(await readFile(join(this.root, 'out', pipeline, `${name}.parquet`)));
    }
    return hash.digest('hex');
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.root, file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    await writeFile(path, text.replace(from, to));
  }
}

/** The values of one column. */
export const column = (rows: readonly JsonObject[], name: string): readonly (Json | undefined)[] =>
  rows.map((row) => row[name]);

/** The events of one kind. */
export const eventsOf = <T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): readonly Extract<RunEvent, { type: T }>[] =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
