import { join } from 'node:path';

/** Where everything of a project lies, from its root. */
export interface Layout {
  readonly state: string;
  /** Agent runs that the project's server keeps; below the state, in a store of their own. */
  readonly agentRuns: string;
  /** The server's own token. */
  readonly serverToken: string;
  readonly runs: string;
  /** Sockets of the processes that have a pipeline for themselves, a folder for each pipeline. */
  readonly locks: string;
  /** The socket of the process that serves the project's agent runs. No pipeline has this name. */
  readonly serverLock: string;
  readonly scratch: string;
  /** Notes of what the outputs were made from. */
  readonly notes: string;
  readonly out: string;
  /** `out`, as people are shown it. */
  readonly outShown: string;
}

export const layoutOf = (root: string): Layout => ({
  state: join(root, '.fieldwork', 'state'),
  agentRuns: join(root, '.fieldwork', 'state', 'agent-runs'),
  serverToken: join(root, '.fieldwork', 'server-token'),
  runs: join(root, '.fieldwork', 'runs'),
  locks: join(root, '.fieldwork', 'locks'),
  serverLock: join(root, '.fieldwork', 'locks', '_server'),
  scratch: join(root, '.fieldwork', 'scratch'),
  notes: join(root, '.fieldwork', 'outputs'),
  out: join(root, 'out'),
  outShown: 'out',
});
