import { expect, test } from 'vitest';
import type { HeldTask } from '../../src/cli/held-tasks.ts';
import type { AgentApiServer } from '../rig/agent-api-server.ts';
import { golden, type CliProject } from './cli-project.ts';
import { hosted } from './hosted.ts';

type Listed = { readonly data: readonly { readonly id: string }[] };

/** A run whose second create loses its answer, and a list that does not say whose its runs are. */
async function heldOne(): Promise<{
  readonly project: CliProject;
  readonly server: AgentApiServer;
  readonly lost: string;
}> {
  const { project, server } = await hosted();
  let lost = '';
  server.fault('create', 2, { type: 'reset', processed: true });
  server.faults('list', 9, {
    type: 'change',
    change: (answer) => {
      const { data } = answer as unknown as Listed;
      lost = data.at(-2)?.id ?? '';
      return { ...answer, data: data.map((run) => ({ ...run, request: null })) };
    },
  });
  expect((await project.call('run', 'firms')).exit).toBe(6);
  expect(server.counts.create).toBe(4);
  return { project, server, lost };
}

const list = async (project: CliProject): Promise<readonly HeldTask[]> =>
  JSON.parse((await project.quietly('held', '--json')).out) as readonly HeldTask[];

test('a held task is told with its ways out, and adopted', async () => {
  const { project, server, lost } = await heldOne();
  expect((await project.call('held')).exit).toBe(0);
  await project.call('status');
  await project.call('held', 'adopt', 'birch.example', lost);
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(server.counts.create).toBe(4);
  expect((await project.call('held')).out).toBe('Nothing is held.\n');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('held'));
});

test('as JSON it has its attempt, its reason, its candidates and what it may cost', async () => {
  const { project, lost } = await heldOne();
  const [held] = await list(project);
  expect(held).toMatchObject({
    pipeline: 'firms',
    step: 'profiles',
    task: 'birch.example',
    agent: 'exa',
    reason: 'ambiguous',
    reservedMicrodollars: 25_000,
    candidates: [{ agentRunId: lost, status: 'completed', reported: 25_000 }],
  });
  expect(held?.attempt.startsWith(held.name)).toBe(true);
  const adopted = await project.quietly('held', 'adopt', held?.name ?? '', lost, '--json');
  expect(JSON.parse(adopted.out)).toEqual({ type: 'held', choice: 'adopt', task: held?.name });
});

test('bought again, it is sent once more and its first cost stays unknown', async () => {
  const { project, server } = await heldOne();
  await project.quietly('held', 'rebuy', 'profiles/birch.example');
  expect(await list(project)).toEqual([]);
  expect((await project.quietly('run', 'firms')).exit).toBe(0);
  expect(server.counts.create).toBe(5);
  const cost = await project.quietly('cost', '--json');
  expect(cost.out).toContain('"unknown": 25000');
});

test('skipped, it is not asked before --retry-failed says so', async () => {
  const { project, server } = await heldOne();
  await project.quietly('held', 'skip', 'firms/profiles/birch.example');
  expect((await project.quietly('run', 'firms')).exit).toBe(1);
  expect(server.counts.create).toBe(4);
  expect((await project.quietly('plan', 'firms')).out).toContain('failed before, kept: skipped');
  expect((await project.quietly('run', 'firms', '--retry-failed')).exit).toBe(0);
  expect(server.counts.create).toBe(5);
});

test('what does not fit is refused, and nothing is changed', async () => {
  const { project } = await heldOne();
  const before = await list(project);
  const told = async (...argv: readonly string[]): Promise<readonly [number, string]> => {
    const { exit, error } = await project.quietly('held', ...argv);
    return [exit, error.trim()];
  };
  expect(await told('adopt', 'alder.example', 'agent_run_1')).toEqual([
    2,
    expect.stringContaining('There is no held task "alder.example"'),
  ]);
  expect(await told('adopt', 'birch.example', '../x')).toEqual([
    2,
    '"../x" is not the id of an agent run.',
  ]);
  const others = `agent_run_${'1'.padStart(26, '0')}`;
  expect(await told('adopt', 'birch.example', others)).toEqual([
    2,
    `Agent run ${others} belongs to firms/profiles/alder.example.`,
  ]);
  expect(await told('skip')).toEqual([2, expect.stringContaining('missing required argument')]);
  expect(await list(project)).toEqual(before);
});

test('a run that was killed in doubt is listed until the next run finds out', async () => {
  const { project, server } = await hosted();
  expect((await project.quietly('held')).out).toBe('Nothing is held.\n');
  server.fault('create', 1, { type: 'reset', processed: true });
  // The first two lists are looked at before anything is sent.
  for (const nth of [3, 4, 5]) server.fault('list', nth, { type: 'status', status: 401 });
  expect((await project.quietly('run', 'firms')).exit).toBe(4);
  expect(await list(project)).toMatchObject([
    { task: 'alder.example', reason: 'in-doubt', candidates: [] },
  ]);
});
