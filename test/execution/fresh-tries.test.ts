import { expect, test } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { completed, failedRun, Story } from './crash-rig.ts';
import { FOUND, inline } from './pipelines.ts';

/** Each task is tried once, and the second step asks one question about all that the first found. */
const YAML = `
effort: low
concurrency: 1
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
    retry: { maximum_attempts: 1 }
  sizes:
    input: { from: firms, batch: all }
    query: Compare them.${FOUND}
    key: name`;

/** The first agent run about `a` fails, and costs nothing. */
function firstFails(): Story {
  const story = new Story(YAML);
  let failed = false;
  story.remote.answer = ({ query, input }: AgentRequest) => {
    if (query.startsWith('Compare')) return completed({ found: input?.data ?? [] });
    if (query.endsWith('a?') && !failed) {
      failed = true;
      return failedRun(0);
    }
    return completed({ found: [{ name: query.endsWith('a?') ? 'A' : 'B' }] });
  };
  return story;
}

const compared = (story: Story): readonly unknown[] =>
  story.remote.runs.flatMap(({ request }) =>
    request?.query === 'Compare them.' ? [request.input?.data?.map(({ name }) => name)] : [],
  );

test('a task that failed for nothing has fresh tries in the next run, so a step that needs all of it asks again', async () => {
  const story = firstFails();
  expect((await story.run()).exit).toBe(1);
  expect((await story.run()).exit).toBe(0);
  expect(compared(story)).toEqual([['B'], ['A', 'B']]);
});

test('it has them as well where the process died right after the failure: then what needs all of it asks once', async () => {
  const story = firstFails();
  expect(
    await story.live({ dies: ({ name }) => (name === 'settle' ? 'unheard' : undefined) }),
  ).toBe('died');
  expect((await story.run()).exit).toBe(0);
  expect(compared(story)).toEqual([['A', 'B']]);
  expect(await story.booked()).toEqual([0, 25_000, 25_000, 25_000]);
});
