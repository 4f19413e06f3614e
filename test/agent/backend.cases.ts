import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentBackend, AgentProblem, AgentRequest, AgentRun } from '../../src/agent/agent.ts';
import type { Result } from '../../src/base/result.ts';

/** A backend under test, and how time passes for it. */
export interface Subject {
  readonly backend: AgentBackend;
  /** Awaits `work` while time passes. */
  drive<T>(work: Promise<T>): Promise<T>;
}

/** Requests that lead to each outcome. A backend for which one cannot be had leaves it out. */
export interface Requests {
  readonly completes: AgentRequest;
  /** Another one that completes; for lists. */
  readonly alsoCompletes: AgentRequest;
  readonly fails?: AgentRequest;
  readonly isCancelled?: AgentRequest;
  readonly reachesBudget?: AgentRequest;
  readonly neverEnds?: AgentRequest;
  /** Passes through a status that is in no contract before it completes. */
  readonly passesUnknownStatus?: AgentRequest;
  /** A follow-up of a completed run. */
  readonly followUp?: Omit<AgentRequest, 'previousRunId'>;
}

const never = new AbortController().signal;

/** What every agent must do, whoever it is. `setup` gives a fresh one for each test. */
export function backendCases(
  name: string,
  requests: Requests,
  setup: () => Promise<Subject>,
): void {
  const start = async (): Promise<Subject> => {
    const subject = await setup();
    onTestFinished(() => subject.backend.close());
    return subject;
  };
  const create = async (
    { backend, drive }: Subject,
    request: AgentRequest = requests.completes,
  ): Promise<AgentRun> => value(await drive(backend.create(request, never)));
  const finish = async (subject: Subject, request?: AgentRequest): Promise<AgentRun> => {
    const { id } = await create(subject, request);
    return value(await subject.drive(subject.backend.wait(id, never)));
  };

  describe(name, () => {
    test('a created run has an id, and waiting gives its completed run', async () => {
      const subject = await start();
      const created = await create(subject);
      expect(created.id).toMatch(/^[A-Za-z0-9_.:-]{1,200}$/);
      const run = value(await subject.drive(subject.backend.wait(created.id, never)));
      expect(run).toMatchObject({ id: created.id, status: 'completed' });
      expect(run.completedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(run.request?.query).toBe(requests.completes.query);
      expect(run.output.structured).not.toBeUndefined();
    });

    test('a completed run can be read and waited for again, and is the same', async () => {
      const subject = await start();
      const run = await finish(subject);
      expect(value(await subject.drive(subject.backend.get(run.id, never)))).toEqual(run);
      expect(value(await subject.drive(subject.backend.wait(run.id, never)))).toEqual(run);
    });

    test('several can wait for one run', async () => {
      const subject = await start();
      const { id } = await create(subject);
      const waits = [subject.backend.wait(id, never), subject.backend.wait(id, never)];
      const [one, two] = await subject.drive(Promise.all(waits));
      expect(one?.ok).toBe(true);
      expect(one).toEqual(two);
    });

    test('a run nobody created is not found', async () => {
      const { backend, drive } = await start();
      for (const id of ['agent_run_00000000000000000000000000', 'no/such/id', '..', '']) {
        expect(problem(await drive(backend.get(id, never))).kind).toBe('not-found');
        expect(problem(await drive(backend.cancel(id, never))).kind).toBe('not-found');
        expect(problem(await drive(backend.wait(id, never))).kind).toBe('not-found');
      }
    });

    test('cancelling a finished run changes nothing', async () => {
      const subject = await start();
      const run = await finish(subject);
      expect(value(await subject.drive(subject.backend.cancel(run.id, never)))).toEqual(run);
    });

    test.skipIf(requests.neverEnds === undefined)(
      'cancelling an active run ends it, and again changes nothing',
      async () => {
        const subject = await start();
        const { backend, drive } = subject;
        const { id } = await create(subject, requests.neverEnds);
        const cancelled = value(await drive(backend.cancel(id, never)));
        expect(cancelled).toMatchObject({ id, status: 'cancelled', stopReason: 'cancelled' });
        expect(value(await drive(backend.cancel(id, never)))).toEqual(cancelled);
        expect(value(await drive(backend.wait(id, never)))).toEqual(cancelled);
      },
    );

    test('lists runs newest first, page by page, with their metadata', async () => {
      const subject = await start();
      const { backend, drive } = subject;
      const ids: string[] = [];
      for (const [n, request] of [requests.completes, requests.alsoCompletes].entries()) {
        const { id } = await create(subject, { ...request, metadata: { n: String(n) } });
        ids.unshift(id);
      }
      const first = value(await drive(backend.list({ limit: 1 }, never)));
      expect(first.runs.map((run) => run.id)).toEqual(ids.slice(0, 1));
      expect(first.runs[0]?.request?.metadata).toEqual({ n: '1' });
      const cursor = first.nextCursor;
      if (cursor === undefined) throw new Error('There must be a second page.');
      const second = value(await drive(backend.list({ limit: 1, cursor }, never)));
      expect(second.runs.map((run) => run.id)).toEqual(ids.slice(1, 2));
      const all = value(await drive(backend.list({ limit: 100 }, never)));
      expect(all.runs.slice(0, 2).map((run) => run.id)).toEqual(ids);
    });

    test('an aborted create says so, and that nothing was created', async () => {
      const { backend, drive } = await start();
      const outcome = await drive(backend.create(requests.completes, AbortSignal.abort()));
      expect(problem(outcome)).toMatchObject({ kind: 'cancelled', mayHaveCreated: false });
    });

    test.skipIf(requests.neverEnds === undefined)(
      'an abort ends the waiting and leaves the run alone',
      async () => {
        const subject = await start();
        const { backend, drive } = subject;
        const { id } = await create(subject, requests.neverEnds);
        const abort = new AbortController();
        const waiting = backend.wait(id, abort.signal);
        abort.abort();
        expect(problem(await drive(waiting)).kind).toBe('cancelled');
        const run = value(await drive(backend.get(id, never)));
        expect(['queued', 'running']).toContain(run.status);
      },
    );

    test.skipIf(requests.fails === undefined)(
      'a failed run is an outcome, no problem',
      async () => {
        const run = await finish(await start(), requests.fails);
        expect(run).toMatchObject({ status: 'failed', stopReason: 'error' });
        expect(run.error?.message).toBeTypeOf('string');
      },
    );

    test.skipIf(requests.isCancelled === undefined)(
      'a run that somebody else cancelled is an outcome, no problem',
      async () => {
        const run = await finish(await start(), requests.isCancelled);
        expect(run).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' });
      },
    );

    test.skipIf(requests.reachesBudget === undefined)(
      'a run that reached its budget is completed and keeps its stop reason',
      async () => {
        const run = await finish(await start(), requests.reachesBudget);
        expect(run).toMatchObject({ status: 'completed', stopReason: 'budget_reached' });
      },
    );

    test.skipIf(requests.passesUnknownStatus === undefined)(
      'an unknown status is no end',
      async () => {
        const run = await finish(await start(), requests.passesUnknownStatus);
        expect(run.status).toBe('completed');
      },
    );

    test.skipIf(requests.followUp === undefined)(
      'a follow-up continues a completed run',
      async () => {
        const subject = await start();
        const { id } = await finish(subject);
        const request = { query: '', ...requests.followUp, previousRunId: id };
        const run = await finish(subject, request);
        expect(run).toMatchObject({ status: 'completed', request: { previousRunId: id } });
      },
    );

    test('twenty runs at once all come back', async () => {
      const subject = await start();
      const runs = await subject.drive(
        Promise.all(
          Array.from({ length: 20 }, async () => {
            const created = value(await subject.backend.create(requests.completes, never));
            return value(await subject.backend.wait(created.id, never));
          }),
        ),
      );
      expect(runs.map((run) => run.status)).toEqual(runs.map(() => 'completed'));
    });
  });
}

/** The value of an outcome that must be one. */
export function value<T>(outcome: Result<T, AgentProblem>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.kind}: ${outcome.error.message}`);
  return outcome.value;
}

/** The problem of an outcome that must be one. */
export function problem<T>(outcome: Result<T, AgentProblem>): AgentProblem {
  if (outcome.ok) throw new Error(`No problem: ${JSON.stringify(outcome.value)}`);
  return outcome.error;
}
