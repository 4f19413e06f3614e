import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { LedgerEntry } from '../../src/store/store.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';

export const CLI: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The key that the server asks for. */
export const TOKEN = 'key-of-the-kill-test';

/** How one process of the command line ended. */
export interface ProcessEnd {
  readonly exit: number | null;
  /** It was killed before it could end by itself. */
  readonly killed: boolean;
  readonly error: string;
}

/** A process of the command line that runs. */
export interface RunProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Resolves once it is dead. */
  readonly kill: () => Promise<void>;
}

const FIRMS = `
    schema:
      type: object
      required: [firms]
      properties:
        firms:
          type: array
          items:
            type: object
            required: [name]
            properties:
              name: { type: string }
              employees: { type: [integer, 'null'] }
              town: { type: [string, 'null'] }
    key: name`;

/** A list, records one by one, own records, follow-ups that leave out what is known, and SQL. */
const PIPELINE = `version: 1
name: towns
agent: served
effort: low
budget: 10
concurrency: 4
steps:
  firms:
    query: The 6 largest firms in Oslo by employees.${FIRMS}
  profiles:
    input: { from: firms, columns: [name] }
    query: In which year was {{row.name}} founded, and in which town is it?
    schema:
      type: object
      required: [name, founded, town]
      properties:
        name: { type: string }
        founded: { type: [integer, 'null'] }
        town: { type: [string, 'null'] }
    key: name
  towns:
    input: [{ town: Paris }, { town: Lyon }, { town: Berlin }, { town: Rome }, { town: Porto }]
    query: The 3 largest firms in {{row.town}} by employees.${FIRMS}
  more:
    continue: firms
    query: 4 more.${FIRMS}
    repeat: { until: 100, max_runs: 3 }
    exclude: [firms, more]
  largest:
    sql: select town, max(employees) as employees from towns group by town order by town
    key: town
`;

/** The tables of the pipeline's steps, and those about it that no crash may change. */
const STEPS = ['firms', 'profiles', 'towns', 'more', 'largest'] as const;
const TABLES = [...STEPS, '_citations', '_failures', '_rejected'] as const;

/** Columns that say which agent run gave a row and when. */
const OF_THE_MOMENT = { _agent_run_id: '', _answered_at: '', agent_run_id: '' };

/** A project on the disk whose pipeline is run by real processes of the built command line. */
export class KillProject {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(baseUrl: string, settle: string): Promise<KillProject> {
    const root = await mkdtemp(join(tmpdir(), 'fieldwork-kill-'));
    const files = {
      'fieldwork.yaml': `version: 1
agents:
  served: { kind: exa, base_url: '${baseUrl}', key_env: SERVED_KEY, settle: ${settle} }
`,
      'pipelines/towns.yaml': PIPELINE,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return new KillProject(root);
  }

  run(): RunProcess {
    const child = spawn(process.execPath, [CLI, 'run', 'towns'], {
      cwd: this.root,
      env: { PATH: process.env['PATH'], HOME: this.root, SERVED_KEY: TOKEN },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let error = '';
    child.stderr.on('data', (text: Buffer) => (error += text.toString('utf8')));
    const ended = new Promise<ProcessEnd>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit) => {
        resolve({ exit, killed: child.signalCode === 'SIGKILL', error });
      });
    });
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    return { ended, kill };
  }

  /** The rows of every table, but for which agent run gave them and when. */
  async tables(): Promise<Readonly<Record<string, string>>> {
    const tables: Record<string, string> = {};
    for (const table of TABLES) {
      const file = await asyncBufferFromFile(join(this.root, 'out/towns', `${table}.parquet`));
      const rows = await parquetReadObjects({ file });
      tables[table] = rows.map((row) => `${inspect(masked(row))}\n`).join('');
    }
    return tables;
  }

  /** What was asked, how it ended and what it cost: a line for each attempt with an agent run. */
  async ledger(): Promise<readonly string[]> {
    const entries = await this.#entries();
    const asked = new Map(
      entries.flatMap((entry) =>
        entry.type === 'attempt-intended' ? [[entry.attempt, `${entry.step} ${entry.task}`]] : [],
      ),
    );
    return entries
      .flatMap((entry) =>
        entry.type === 'attempt-ended' && entry.agentRunId !== null
          ? [`${asked.get(entry.attempt) ?? '?'} ${entry.outcome} ${entry.reported}`]
          : [],
      )
      .sort();
  }

  /** Agent runs that were found in the list, of attempts whose create nobody heard of. */
  async adopted(): Promise<number> {
    const entries = await this.#entries();
    return entries.filter((entry) => entry.type === 'attempt-created' && entry.found !== undefined)
      .length;
  }

  /** Agent runs that came to be known by their id, and answers. */
  async progress(): Promise<number> {
    const entries = await this.#entries();
    return entries.filter(
      (entry) =>
        entry.type === 'attempt-created' ||
        (entry.type === 'attempt-ended' && entry.outcome === 'answered'),
    ).length;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #entries(): Promise<readonly LedgerEntry[]> {
    const store = await LmdbStore.open(join(this.root, '.fieldwork/state'), { readOnly: true });
    // Killed before it had come to make one.
    if (!store.ok && store.error.kind === 'missing') return [];
    if (!store.ok) throw new Error(store.error.message);
    const entries: LedgerEntry[] = [];
    for await (const portion of store.value.ledger()) entries.push(...portion);
    await store.value.close();
    return entries;
  }
}

const masked = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, name in OF_THE_MOMENT ? '' : value]),
  );
