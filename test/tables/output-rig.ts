import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { AgentOutput } from '../../src/agent/agent.ts';
import { fingerprintOf, type Fingerprint } from '../../src/base/fingerprint.ts';
import type { AttemptId, RunId } from '../../src/base/ids.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { microdollars } from '../../src/base/money.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type {
  AnswerId,
  AttemptEnded,
  Member,
  StepLayout,
  StepState,
  Store,
} from '../../src/store/store.ts';
import {
  writeOutputs,
  type OutputOptions,
  type OutputSummary,
} from '../../src/tables/write-outputs.ts';

const RUN = '20261122-0914-7f3a9c' as RunId;
export const PIPELINE = 'leads';
const START = Date.parse('2026-11-22T09:00:00Z');

export const layout = (given: Partial<StepLayout> = {}): StepLayout => ({
  kind: 'agent',
  rank: 0,
  description: null,
  schema: null,
  records: { kind: 'array', property: 'items' },
  key: null,
  mode: 'replace',
  parent: null,
  columns: null,
  request: {},
  ...given,
});

/** A schema of `{ items: [record] }`. */
export const itemsSchema = (properties: JsonObject, record: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { items: { type: 'array', items: { type: 'object', properties, ...record } } },
});

export interface Task {
  readonly path?: readonly number[];
  readonly task?: string;
  readonly output?: Partial<AgentOutput>;
  readonly items?: readonly Json[];
  readonly grounding?: AgentOutput['grounding'];
  readonly dropped?: Member['dropped'];
  readonly failure?: Member['failure'];
  readonly rows?: Member['rows'];
  readonly ended?: Partial<AttemptEnded>;
  /** The attempt has begun and not ended. */
  readonly open?: boolean;
}

/** A store with the state of one pipeline, and folders for its outputs. */
export class OutputRig {
  readonly store: Store;
  readonly folder: string;
  readonly outFolder: string;
  readonly scratchFolder: string;
  #attempts = 0;
  #versions = 0;

  private constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
    this.outFolder = join(folder, 'out');
    this.scratchFolder = join(folder, 'scratch');
  }

  static async create(store: Store = new MemoryStore()): Promise<OutputRig> {
    return new OutputRig(await mkdtemp(join(tmpdir(), 'fieldwork-outputs-')), store);
  }

  /** Publishes a step with tasks in the order they ended. */
  async step(
    step: string,
    of: Partial<StepLayout>,
    tasks: readonly Task[],
    pipeline = PIPELINE,
  ): Promise<StepState> {
    const members: Member[] = [];
    for (const [at, task] of tasks.entries())
      members.push(await this.#member(pipeline, step, at, task));
    const version = `${RUN}/${pipeline}/${step}-${this.#versions++}`;
    for (let start = 0; start < members.length; start += 1_000) {
      await this.store.addMembers(version, start / 1_000, members.slice(start, start + 1_000));
    }
    const digest = fingerprintOf(
      members.map(({ path, answerDigest = '' }) => [...path, answerDigest]),
    );
    const state: StepState = {
      pipeline,
      step,
      version,
      run: RUN,
      finishedAt: '2026-11-22T10:00:00.000Z',
      layout: layout(of),
      tasks: members.length,
      failed: members.filter(({ failure }) => failure !== undefined).length,
      digest,
      membership: fingerprintOf(members.map(({ answer = 0 }) => answer)),
    };
    await this.store.publish(state);
    return state;
  }

  async #member(pipeline: string, step: string, at: number, given: Task): Promise<Member> {
    const { path = [at], task = '', dropped = [], failure, rows } = given;
    const fingerprint = fingerprintOf({ step, path });
    const member = { path, task, fingerprint, dropped, failure };
    if (rows !== undefined) {
      return { ...member, answer: undefined, answerDigest: fingerprintOf(rows), rows };
    }
    const answers = await this.attempt(pipeline, step, task, [fingerprint], given);
    const structured = outputOf(given).structured;
    const answerDigest = answers[0] === undefined ? undefined : fingerprintOf(structured);
    return { ...member, answer: answers[0], answerDigest };
  }

  /** One attempt with its lines in the ledger. */
  async attempt(
    pipeline: string,
    step: string,
    task: string,
    fingerprints: readonly Fingerprint[],
    given: Task,
  ): Promise<readonly AnswerId[]> {
    const n = ++this.#attempts;
    const at = (second: number): string =>
      new Date(START + n * 60_000 + second * 1_000).toISOString();
    const attempt = `attempt-${n}` as AttemptId;
    const agentRunId = `run-${n}`;
    const held = { effort: 'low', reserved: microdollars(500_000) };
    const intent = { type: 'attempt-intended', attempt, run: RUN, pipeline, step, task } as const;
    await this.store.intend({ ...intent, at: at(0), fingerprints, agent: 'exa', ...held });
    await this.store.created({ type: 'attempt-created', at: at(1), attempt, agentRunId });
    if (given.open === true) return [];
    const failed = given.failure !== undefined;
    const entry: AttemptEnded = {
      type: 'attempt-ended',
      at: at(3),
      attempt,
      agentRunId,
      status: failed ? 'failed' : 'completed',
      stopReason: failed ? null : 'schema_satisfied',
      outcome: failed ? 'failed' : 'answered',
      failure: given.failure?.kind ?? null,
      message: given.failure?.message ?? null,
      reported: microdollars(25_000),
      usage: { agentComputeUnits: 1.5, searches: 3, emails: 0, phoneNumbers: 0 },
      durationMs: 2_000.4,
      ...given.ended,
    };
    const output = outputOf(given);
    const digest = fingerprintOf(output.structured);
    const its = { attempt, agentRunId, agent: 'exa', answeredAt: at(3), stopReason: null };
    const answers = failed
      ? []
      : fingerprints.map((fingerprint) => ({ ...its, fingerprint, output, digest }));
    return this.store.settle(entry, answers);
  }

  write(given: Partial<OutputOptions> = {}): Promise<OutputSummary> {
    const { store, outFolder, scratchFolder } = this;
    return writeOutputs({
      store,
      pipeline: PIPELINE,
      outFolder,
      scratchFolder,
      now: START,
      ...given,
    });
  }

  path(table: string): string {
    return join(this.outFolder, PIPELINE, `${table}.parquet`);
  }

  /** Rows of a table, read by a library that is not DuckDB. */
  async read(table: string): Promise<readonly Record<string, unknown>[]> {
    return parquetReadObjects({ file: await asyncBufferFromFile(this.path(table)) });
  }

  /** `column type` of a table's top level, as the Parquet file itself says it. */
  async columns(table: string): Promise<readonly string[]> {
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(this.path(table)));
    const columns: string[] = [];
    for (let i = 1; i < schema.length; i++) {
      const element = schema[i];
      if (element === undefined) continue;
      const { name, num_children: children = 0, converted_type: converted, type } = element;
      columns.push(`${name} ${converted ?? type ?? 'group'}`);
      for (let inside = children; inside > 0; inside--) {
        i++;
        inside += schema[i]?.num_children ?? 0;
      }
    }
    return columns;
  }

  /** Names of all files in the folder of the outputs. */
  async files(): Promise<readonly string[]> {
    const names = await readdir(this.outFolder, { recursive: true });
    return names.sort();
  }
}

const outputOf = ({ items, grounding = [], output }: Task): AgentOutput => ({
  text: '',
  structured: items === undefined ? null : { items },
  grounding,
  ...output,
});
