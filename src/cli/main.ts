#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import type { Random } from '../base/random.ts';
import { interruptDatabases } from '../duckdb/database.ts';
import { bugReport } from './bug-report.ts';
import { boundHeapGrowth } from './heap-growth.ts';
import { EXIT, type Io } from './io.ts';
import { runProgram } from './program.ts';
import { StopRequests } from './stop-requests.ts';

boundHeapGrowth();

/** The only place that touches the process: everything below gets the world handed in. */
const requests = new StopRequests({
  now: () => performance.now(),
  exit: (code) => {
    interruptDatabases();
    process.exit(code);
  },
  later: (ms, work) => void setTimeout(work, ms).unref(),
  hasRunner: process.env['npm_execpath'] !== undefined,
});
process.on('SIGINT', () => requests.request('ctrl-c'));
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => requests.request('terminate'));
}
if (process.env['npm_execpath'] !== undefined) watchParent();

/**
 * A SIGTERM to `npm run` or `npx` ends npm and never reaches us; that our parent changes is the
 * only sign of it.
 */
function watchParent(): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    requests.request('parent-gone');
  }, 500).unref();
}

// A reader that has seen enough (`| head`) is no mistake.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // Who runs a pipeline wants its answers all the same, and what went wrong is in the exit code.
    if (stream === process.stdout && process.argv[2] !== 'run') process.exit(EXIT.done);
  });
}

process.on('uncaughtException', (error) => {
  process.stderr.write(`${bugReport(error)}\n`);
  process.exit(EXIT.bug);
});

/** Random bytes drawn in bulk: asking the system for 16 at a time is dear. */
function pooledRandom(): Random {
  let pool = randomBytes(4096);
  let used = 0;
  return {
    bytes: (count) => {
      if (count > pool.length) return randomBytes(count);
      if (used + count > pool.length) {
        pool = randomBytes(4096);
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}

const colour = (): boolean => {
  if (process.env['FORCE_COLOR'] !== undefined) return process.env['FORCE_COLOR'] !== '0';
  if ((process.env['NO_COLOR'] ?? '') !== '') return false;
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb';
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Node's own sleep makes an error with a stack whenever it is cut short, which is nearly always. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  clock: {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      // A timer cannot run longer than LONGEST_TIMER_MS: it would fire at once.
      for (let left = ms; left > 0 || left === ms; left -= LONGEST_TIMER_MS) {
        if (signal?.aborted === true) return;
        await pause(Math.min(left, LONGEST_TIMER_MS), signal);
      }
    },
  },
  random: pooledRandom(),
  pid: process.pid,
  signal: requests.signal,
  onStopRequest: (listener) => requests.listen(listener),
  out: (text) => {
    process.stdout.write(text);
  },
  error: (text) => {
    process.stderr.write(text);
  },
  colour: colour(),
};

const exit = await runProgram(process.argv.slice(2), io);
process.exitCode = exit === EXIT.interrupted ? requests.exitCode : exit;
