import { expect, test } from 'vitest';
import { hosted } from './hosted.ts';
import { profileOf } from './projects.ts';

const FOUR_AT_ONCE = ['pipelines/firms.yaml', 'concurrency: 1', 'concurrency: 4'] as const;

const tooMany = (headers: Record<string, string> = {}) =>
  ({
    type: 'status',
    status: 429,
    headers,
    body: { error: { type: 'RATE_LIMIT_ERROR', code: 'CONCURRENCY_LIMIT_REACHED' } },
  }) as const;

test('an account that takes two agent runs at once gets two at once, and all are answered', async () => {
  const { project, server } = await hosted(profileOf, { activeLimit: 2, durationMs: 30_000 });
  await project.edit(...FOUR_AT_ONCE);
  const { exit, out } = await project.call('run', 'firms');
  expect({ exit, out }).toMatchObject({ exit: 0, out: expect.stringContaining('$0.10') as string });
  expect(server.size).toBe(4);
});

test('a wait that the agent asks for is kept', async () => {
  const { project, server } = await hosted();
  server.fault('create', 1, tooMany({ 'retry-after': '120' }));
  const begun = project.nowMs;
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(project.nowMs - begun).toBeGreaterThanOrEqual(120_000);
  expect(server.counts.create).toBe(5);
});

test('an agent that has no place for half an hour ends the run; it is safe to run again', async () => {
  const { project, server } = await hosted();
  server.faults('create', 5_000, tooMany());
  const begun = project.nowMs;
  const { exit, out } = await project.call('run', 'firms');
  expect(exit).toBe(5);
  expect(out).toContain('CONCURRENCY_LIMIT_REACHED');
  expect((project.nowMs - begun) / 60_000).toBeGreaterThanOrEqual(30);
  expect(server.size).toBe(0);
});
