import { execFile, spawnSync } from 'node:child_process';
import type { StartedServer } from '../start-server.ts';

/** Whether this machine has the programs that the published commands are made of. */
export const hasShellTools: boolean =
  spawnSync('bash', ['-c', 'command -v curl && command -v jq']).status === 0;

/** What bash prints for a script that finds the server at `$BASE` and its key in `$EXA_API_KEY`. */
export function shell(server: StartedServer, script: string): Promise<string> {
  const { PATH } = process.env;
  const env = { PATH, BASE: server.url, EXA_API_KEY: server.token, NO_PROXY: '*' };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-euc', script], { env }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/** Text as one word, in the way of the published commands. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
