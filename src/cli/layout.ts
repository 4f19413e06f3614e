import { join } from 'node:path';

/** Where everything of a project lies, from its root. */
export interface Layout {
  readonly state: string;
  readonly runs: string;
  /** Sockets of the processes that have a pipeline for themselves, a folder for each pipeline. */
  readonly locks: string;
  readonly scratch: string;
  /** Notes of what the outputs were made from. */
  readonly notes: string;
  readonly out: string;
  /** `out`, as people are shown it. */
  readonly outShown: string;
}

export const layoutOf = (root: string): Layout => ({
  state: join(root, '.fieldwork', 'state'),
  runs: join(root, '.fieldwork', 'runs'),
  locks: join(root, '.fieldwork', 'locks'),
  scratch: join(root, '.fieldwork', 'scratch'),
  notes: join(root, '.fieldwork', 'outputs'),
  out: join(root, 'out'),
  outShown: 'out',
});
