#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, type Io } from './io.ts';
import { runProgram } from './program.ts';

/** The only place that touches the process: everything below gets the world handed in. */
const abort = new AbortController();
// Every agent run that is waited for listens to it.
setMaxListeners(0, abort.signal);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    abort.abort(signal);
    // A second one leaves at once; whatever was answered is on disk already.
    process.once(signal, () => process.exit(EXIT.interrupted));
  });
}

// A reader that has seen enough (`| head`) is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

const colour = (): boolean => {
  if (process.env['FORCE_COLOR'] !== undefined) return process.env['FORCE_COLOR'] !== '0';
  if ((process.env['NO_COLOR'] ?? '') !== '') return false;
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb';
};

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  clock: {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      try {
        await sleep(ms, undefined, signal === undefined ? {} : { signal });
      } catch {
        // Aborted: the caller looks at its signal.
      }
    },
  },
  random: { bytes: (count) => randomBytes(count) },
  pid: process.pid,
  signal: abort.signal,
  out: (text) => {
    process.stdout.write(text);
  },
  error: (text) => {
    process.stderr.write(text);
  },
  colour: colour(),
  isAlive: (pid) => {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
};

process.exitCode = await runProgram(process.argv.slice(2), io);
