/** Loaded before a program. Patched are the functions of `node:fs/promises`, for whoever imports them. */
const MODULE = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const [name, nth, text] = process.env.DIE_AT.split(' ');
const real = fs.promises[name];
let left = Number(nth);
fs.promises[name] = (...args) => {
  if (String(args[0]).includes(text) && --left === 0) {
    process.kill(process.pid, 'SIGKILL');
    // Nothing more of this process happens.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  return real(...args);
};
syncBuiltinESMExports();
`;

/**
 * The environment of a Node process that dies by SIGKILL at the nth call of a function on files
 * whose first argument holds a text: `rename 3 .parquet`.
 */
export const dyingAt = (at: string): Record<string, string> => ({
  DIE_AT: at,
  NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(MODULE).toString('base64')}`,
});
