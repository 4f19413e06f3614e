import { describe, expect, test } from 'vitest';
import { FOUND } from './pipelines.ts';
import { PEOPLE } from '../rig/people-pipeline.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';

const boss = () =>
  functionAgent((request) => ({
    people: [{ name: `Boss of ${JSON.stringify(request.input?.data?.[0]?.['company'])}` }],
  }));

describe('a stop or a limit', () => {
  test('never makes a table smaller', async () => {
    const rig = new Rig({ agent: boss() });
    await rig.run(PEOPLE);
    await rig.run(PEOPLE, { refresh: ['people'], limit: 1 });
    expect(await rig.table('people')).toHaveLength(2);
    await rig.run(PEOPLE.replace('Who runs', 'Who leads'), { limit: 1 });
    expect(await rig.table('people')).toHaveLength(2);
  });

  test('leaves the tables of the steps after it as they were', async () => {
    const yaml = `
steps:
  towns:
    query: Name two towns.${FOUND}
    key: name
  facts:
    input: towns
    query: How large is {{row.name}}?${FOUND}`;
    const rig = new Rig({
      agent: functionAgent(({ input }) => ({
        found: input === undefined ? [{ name: 'A' }, { name: 'B' }] : [{ name: 'x', size: 1 }],
      })),
    });
    await rig.run(yaml);
    const report = await rig.run(yaml, { refresh: ['towns', 'facts'], limit: 0 });
    expect(report.steps.get('facts')).toMatchObject({
      outcome: 'skipped',
      message: 'waits for towns',
    });
    expect(await rig.table('towns')).toHaveLength(2);
    expect(await rig.table('facts')).toHaveLength(2);
  });

  test('comes after three times five creates in doubt one after another', async () => {
    const agent = new ScriptedAgent();
    for (let i = 0; i < 30; i++) {
      agent.refuseNext({ kind: 'unreachable', message: 'bad gateway', mayHaveCreated: true });
    }
    const rig = new Rig({ agent });
    const companies = Array.from({ length: 30 }, (_, i) => `{ company: C${i} }`).join(', ');
    const yaml = `concurrency: 1\n${PEOPLE.trimStart()}`.replace(
      '[{ company: Acme }, { company: Bolt }]',
      `[${companies}]`,
    );
    const report = await rig.run(yaml);
    expect(report.exit).toBe(5);
    expect(agent.created).toEqual([]);
    expect(rig.eventsOf('attempt-in-doubt')).toHaveLength(15);
    expect(await rig.store.openAttempts()).toEqual([]);
  });
});
