import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, TOKEN } from './kill-project.ts';

/** An agent run as the server's own list has it. */
export interface ListedRun {
  readonly id: string;
  readonly status: string;
  readonly request: {
    readonly query: string;
    readonly input?: unknown;
    readonly previousRunId?: string;
  };
}

const TOWNS = ['Oslo', 'Bergen', 'Paris', 'Lyon', 'Berlin', 'Rome', 'Milan', 'Porto'];
const PLACES = ['North', 'South', 'East', 'West', 'Upper', 'Lower'];
const TREES = ['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Hazel', 'Larch', 'Maple', 'Oak', 'Pine'];
const TRADES = [
  'Analytics',
  'Castings',
  'Dynamics',
  'Energy',
  'Foods',
  'Glass',
  'Motors',
  'Optics',
];
const TIMES = ['Old', 'New', 'Great'];

/** Firms enough for the local agent to take its time over each question. */
function firms(): string {
  const names = TIMES.flatMap((time) =>
    PLACES.flatMap((place) =>
      TREES.flatMap((tree) => TRADES.map((trade) => `${time} ${place} ${tree} ${trade}`)),
    ),
  );
  const rows = names.map(
    (name, n) =>
      `${name},${TOWNS[n % TOWNS.length] ?? ''},${(n * 7_919) % 99_991},${1900 + (n % 121)}`,
  );
  return `name,town,employees,founded\n${rows.join('\n')}\n`;
}

/**
 * `fieldwork serve`, as a process of the built command line, with the local agent and a corpus
 * behind it. It can be killed and started again: its agent runs are on its disk.
 */
export class Served {
  readonly #root: string;
  #child: ChildProcess | undefined;
  #url = '';

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(): Promise<Served> {
    const root = await mkdtemp(join(tmpdir(), 'fieldwork-served-'));
    await mkdir(join(root, 'corpus'));
    await writeFile(join(root, 'fieldwork.yaml'), 'version: 1\n');
    await writeFile(join(root, 'corpus/firms.csv'), firms());
    const served = new Served(root);
    await served.start();
    return served;
  }

  /** Where it listens; another place after each start. */
  get url(): URL {
    return new URL(this.#url);
  }

  async start(): Promise<void> {
    const argv = ['serve', '--port', '0', '--corpus', 'corpus', '--token', TOKEN, '--json'];
    const child = spawn(process.execPath, [CLI, ...argv], {
      cwd: this.#root,
      env: { PATH: process.env['PATH'], HOME: this.#root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let [out, error] = ['', ''];
    child.stderr.on('data', (text: Buffer) => (error += text.toString('utf8')));
    this.#url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        out += text.toString('utf8');
        if (out.includes('\n')) resolve((JSON.parse(out) as { url: string }).url);
      });
      child.on('close', (code) => reject(new Error(`serve ended with ${code}: ${error}`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    this.#child = undefined;
  }

  /** Agent runs of its list that are newer than `last`, newest first. */
  async runsSince(last: string | undefined): Promise<readonly ListedRun[]> {
    const runs: ListedRun[] = [];
    for (let cursor = ''; ;) {
      const url = `${this.#url}/agent/runs?limit=100${cursor}`;
      const response = await fetch(url, { headers: { 'x-api-key': TOKEN } });
      const page = (await response.json()) as { data: ListedRun[]; nextCursor: string | null };
      const known = page.data.findIndex(({ id }) => id === last);
      runs.push(...(known < 0 ? page.data : page.data.slice(0, known)));
      if (known >= 0 || page.nextCursor === null) return runs;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#root, { recursive: true, force: true });
  }
}
