/** Who wants a pipeline for itself. */
export interface LockClaim {
  readonly pid: number;
  /** ISO-8601 UTC. */
  readonly since: string;
  /** What it is doing, for a person: `run 20261122-0914-7f3a9c`. */
  readonly work: string;
}

/** Who has it. */
export interface LockHolder extends LockClaim {
  readonly host: string;
  /** Given for a holder whose life nobody here can see: a file to remove once it is known dead. */
  readonly unsure?: string;
}

export interface PipelineLock {
  release(): Promise<void>;
}

/** For a person: who has it, and what to do where that cannot be seen from here. */
export function lockRefusal(what: string, holder: LockHolder): string {
  const { pid, host, since, work, unsure } = holder;
  const by = `${what} is in use by process ${pid} on ${host} since ${since} (${work}).`;
  if (unsure === undefined) return by;
  return `${by} It is another machine, so its life cannot be seen from here; once it is over, remove ${unsure}.`;
}
