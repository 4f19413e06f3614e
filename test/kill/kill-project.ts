import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { LedgerEntry } from '../../src/store/store.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How one process of the command line ended. */
export interface ProcessEnd {
  readonly exit: number | null;
  /** It was killed before it could end by itself. */
  readonly killed: boolean;
  readonly error: string;
}

/** When a process is killed: so many milliseconds after its start, or when somebody calls `kill`. */
export type KillMoment = 'never' | number | { kill: () => void };

const FOUND = `
    schema:
      type: object
      required: [found]
      properties:
        found:
          type: array
          items:
            type: object
            required: [name]
            properties: { name: { type: string }, size: { type: integer } }
    key: name`;

const TOWN = `
    schema: { type: object, required: [town], properties: { town: { type: string } } }`;

const PIPELINE = `version: 1
name: towns
agent: fake
effort: low
budget: 10
concurrency: 4
steps:
  firms:
    query: List 6 firms.${FOUND}
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}
  sizes:
    input: [{ id: a }, { id: b }, { id: c }, { id: d }, { id: e }]
    query: Which firm is {{row.id}}?${FOUND}
  more:
    continue: firms
    query: More of them.${FOUND}
    repeat: { until: 100, max_runs: 3 }
`;

/** The tables of the pipeline. */
const TABLES = ['firms', 'homes', 'sizes', 'more'] as const;

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
  fake: { kind: exa, base_url: '${baseUrl}', key_env: FAKE_KEY, settle: ${settle} }
`,
      'pipelines/towns.yaml': PIPELINE,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return new KillProject(root);
  }

  /** Runs the pipeline; the process gets SIGKILL when `death` says so, if it is still there. */
  async run(death: KillMoment = 'never'): Promise<ProcessEnd> {
    const child = spawn(process.execPath, [CLI, 'run', 'towns'], {
      cwd: this.root,
      env: { PATH: process.env['PATH'], HOME: this.root, FAKE_KEY: 'a-key' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let error = '';
    child.stderr.on('data', (text: Buffer) => (error += text.toString('utf8')));
    const kill = (): void => void child.kill('SIGKILL');
    const timer = typeof death === 'number' ? setTimeout(kill, death) : undefined;
    if (typeof death === 'object') death.kill = kill;
    const exit = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    clearTimeout(timer);
    return { exit, killed: child.signalCode === 'SIGKILL', error };
  }

  /** The rows of every table, but for which agent run gave them and when. */
  async tables(): Promise<Readonly<Record<string, string>>> {
    const tables: Record<string, string> = {};
    for (const table of TABLES) {
      const file = await asyncBufferFromFile(join(this.root, 'out/towns', `${table}.parquet`));
      const rows = await parquetReadObjects({ file });
      tables[table] = rows
        .map((row) => `${inspect({ ...row, _agent_run_id: '', _answered_at: '' })}\n`)
        .join('');
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

  /** Attempts by how their agent run was found: by the create itself, or in the list. */
  async adopted(): Promise<number> {
    const entries = await this.#entries();
    return entries.filter((entry) => entry.type === 'attempt-created' && entry.found !== undefined)
      .length;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #entries(): Promise<readonly LedgerEntry[]> {
    const store = await LmdbStore.open(join(this.root, '.fieldwork/state'), { readOnly: true });
    if (!store.ok) throw new Error(store.error.message);
    const entries: LedgerEntry[] = [];
    for await (const portion of store.value.ledger()) entries.push(...portion);
    await store.value.close();
    return entries;
  }
}
