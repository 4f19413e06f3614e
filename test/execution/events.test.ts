import { expect, test } from 'vitest';
import type { UntimedEvent } from '../../src/execution/events.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { FOUND, inline, TOWN } from './pipelines.ts';

const YAML = `
concurrency: 1
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}`;

test('a small run tells all that happens, in order', async () => {
  const clock = new VirtualClock();
  const agent = new ScriptedAgent(clock);
  agent.refuseNext({ kind: 'rate-limited', message: 'busy', retryAfterMs: 7_000 });
  const rig = new Rig({ agent, clock });
  const serve = async (): Promise<void> => {
    for (;;) {
      const call = await agent.nextCall();
      const query = call.request?.query ?? '';
      await clock.sleep(3_000);
      if (query.startsWith('Where')) call.complete({ village: 1 }, { dollars: 0.02 });
      else if (query.includes('a?')) call.fail('lost', { dollars: 0.01 });
      else call.complete({ found: [{ name: 'B' }, { name: ' b' }] }, { dollars: 0.025 });
    }
  };
  void serve();
  await clock.drive(rig.run(YAML));
  expect(rig.events.map(line)).toEqual([
    'run-started test pipeline.yaml firms,homes',
    'step-started firms',
    'step-started homes',
    'task-started firms #1 1 new',
    'task-started firms #2 1 new',
    'attempt-failed firms #1 1 rate-limited "busy" 7000',
    'task-answered firms #2 run-1 1 1 25000 3000 schema_satisfied',
    'task-started homes b 1 new',
    'task-failed homes b invalid-output "town is missing" 1',
    'task-answered homes b run-2 0 0 20000 3000 schema_satisfied',
    'task-failed firms #1 agent-failed "lost" 2',
    'step-finished firms finished tasks=2 reused=0 started=2 failed=1 notStarted=0 35000 10000',
    'step-finished homes finished tasks=1 reused=0 started=1 failed=1 notStarted=0 20000 10000',
    'run-finished failed 1 null 55000 10000',
  ]);
});

test('a run that has nothing to do says little', async () => {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent });
  const done = rig.run(YAML);
  for (const name of ['A', 'B']) (await agent.nextCall()).complete({ found: [{ name }] });
  for (let n = 0; n < 2; n++) (await agent.nextCall()).complete({ town: 'Oslo' });
  await done;
  rig.events.length = 0;
  await rig.run(YAML);
  expect(rig.events.map(line)).toEqual([
    'run-started test pipeline.yaml firms,homes',
    'step-started firms',
    'step-started homes',
    'step-finished firms unchanged tasks=2 reused=2 started=0 failed=0 notStarted=0 0 0',
    'step-finished homes unchanged tasks=2 reused=2 started=0 failed=0 notStarted=0 0 0',
    'run-finished succeeded 0 null 0 0',
  ]);
});

const isAside = (
  event: UntimedEvent,
): event is Extract<UntimedEvent, { type: 'attempt-in-doubt' | 'attempt-found' | 'warning' }> =>
  ['attempt-in-doubt', 'attempt-found', 'warning'].includes(event.type);

/** An event in one line, without the run's id. */
function line(event: UntimedEvent): string {
  const parts = (values: readonly unknown[]): string => [event.type, ...values].join(' ');
  if (isAside(event)) return event.type;
  switch (event.type) {
    case 'run-started':
      return parts([event.pipeline, event.file, event.steps.join(',')]);
    case 'step-started':
      return `${event.type} ${event.step}`;
    case 'task-started':
      return parts([event.step, event.task, event.records, event.reason.kind]);
    case 'attempt-failed': {
      const { step, task, attempt, failure, message, retryInMs } = event;
      return parts([step, task, attempt, failure, JSON.stringify(message), retryInMs]);
    }
    case 'task-answered': {
      const { step, task, agentRunId, records, dropped, cost, durationMs, stopReason } = event;
      return parts([step, task, agentRunId, records, dropped, cost, durationMs, stopReason]);
    }
    case 'task-failed': {
      const { step, task, failure, message, attempts } = event;
      return parts([step, task, failure, JSON.stringify(message), attempts]);
    }
    case 'step-finished': {
      const counts = Object.entries(event.counts).map(([name, count]) => `${name}=${count}`);
      return parts([event.step, event.outcome, ...counts, event.spend.reported, event.durationMs]);
    }
    case 'tables-written':
      return parts(event.tables.map(({ name, rows }) => `${name}=${rows}`));
    case 'run-finished':
      return parts([
        event.status,
        event.exit,
        String(event.stopped),
        event.spend.reported,
        event.durationMs,
      ]);
  }
}
