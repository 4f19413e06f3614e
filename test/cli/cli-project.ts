import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import type { Io, StopRequest } from '../../src/cli/io.ts';
import { shortHost } from '../../src/cli/lock-place.ts';
import { runProgram } from '../../src/cli/program.ts';
import { seededRandom } from '../rig/seeded-random.ts';

/** What one command came to. */
export interface Told {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/**
 * A project folder of its own and the command line on it. The clock stands still but for sleeps,
 * which are over at once; the dice are the same every time.
 */
export class CliProject {
  readonly root: string;
  readonly env: Record<string, string> = {};
  /** The process that commands believe to be. */
  pid = 4_121;
  nowMs: number = Date.parse('2026-11-22T09:00:00.000Z');
  /** Milliseconds of every sleep so far. */
  readonly sleeps: number[] = [];
  /** Called with each text for stdout, for tests that do something in the middle of a run. */
  onOut: (text: string) => void = () => undefined;
  #transcript = '';
  #abort = new AbortController();
  readonly #stopListeners = new Set<(request: StopRequest) => void>();
  random: Random = seededRandom(11);

  private constructor(root: string) {
    this.root = root;
  }

  static async open(files: Readonly<Record<string, string>> = {}): Promise<CliProject> {
    const root = await mkdtemp(join(tmpdir(), 'fieldwork-cli-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const project = new CliProject(root);
    await project.write({ 'fieldwork.yaml': 'version: 1\n', ...files });
    return project;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.root, path)), { recursive: true });
      await writeFile(join(this.root, path), text);
    }
  }

  async edit(path: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(this.root, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`);
    await writeFile(join(this.root, path), text.replace(from, to));
  }

  /** Every file of the project, sorted. */
  async files(): Promise<readonly string[]> {
    const found = await readdir(this.root, { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)))
      .sort();
  }

  /** As Ctrl-C does, for the command under way; or as a machine does. */
  interrupt(request: StopRequest = 'ctrl-c'): void {
    this.#abort.abort(request);
    for (const listener of this.#stopListeners) listener(request);
  }

  async call(...argv: readonly string[]): Promise<Told> {
    this.#abort = new AbortController();
    const told = { out: '', error: '' };
    const exit = await runProgram(argv, this.#io(told));
    const stable = { exit, out: this.#steady(told.out), error: this.#steady(told.error) };
    this.#transcript += transcript(argv, stable);
    return stable;
  }

  /** All calls since the start, or since the last one of these, as a person at a terminal has them. */
  takeTranscript(): string {
    const text = this.#transcript;
    this.#transcript = '';
    return text;
  }

  /** A call that the golden file is not about. */
  async quietly(...argv: readonly string[]): Promise<Told> {
    const before = this.#transcript;
    const told = await this.call(...argv);
    this.#transcript = before;
    return told;
  }

  /** The folder has another name in every run of the tests, and the server another port. */
  #steady(text: string): string {
    return (
      text
        .replaceAll(this.root, '/project')
        .replaceAll(`on ${shortHost()} since`, 'on HOST since')
        .replaceAll(/(?<=http:\/\/127\.0\.0\.1:)\d+/gu, 'PORT')
        // Of fingerprints, in which the port is a part of the agent's identity.
        .replaceAll(/(?<="digest": "\d+-)[0-9a-f]{16}/gu, 'DIGEST')
    );
  }

  #io(told: { out: string; error: string }): Io {
    return {
      cwd: this.root,
      env: this.env,
      clock: {
        now: () => this.nowMs,
        sleep: (ms, signal) => {
          if (ms >= NEVER_MS) return aborted(signal);
          this.sleeps.push(ms);
          this.nowMs += ms;
          return Promise.resolve();
        },
      },
      random: this.random,
      pid: this.pid,
      signal: this.#abort.signal,
      onStopRequest: (listener) => {
        this.#stopListeners.add(listener);
        return () => void this.#stopListeners.delete(listener);
      },
      out: (text) => {
        told.out += text;
        this.onOut(text);
      },
      error: (text) => void (told.error += text),
      colour: false,
    };
  }
}

/** What is this far off never comes: it guards what takes too long. */
const NEVER_MS = 30 * 60_000;

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });

/** The path of a golden file; `vitest -u` writes it. */
export const golden = (name: string): string =>
  fileURLToPath(new URL(`golden/${name}.txt`, import.meta.url));

function transcript(argv: readonly string[], { exit, out, error }: Told): string {
  const quoted = argv.map((word) => (/^[\w./=-]+$/u.test(word) ? word : `'${word}'`));
  return [
    `$ fieldwork ${quoted.join(' ')}\n`,
    ...(error === '' ? [] : [`--- stderr\n${error}`]),
    ...(out === '' ? [] : [`--- stdout\n${out}`]),
    `--- exit ${exit}\n\n`,
  ].join('');
}

/** The records of NDJSON. */
export const jsonLinesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
