import { describe, expect, test } from 'vitest';
import type { AgentBackend, AgentRequest } from '../../src/agent/agent.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent } from '../rig/scripted-agent.ts';
import { foundWith, portions, TOWN } from './pipelines.ts';

describe('templates', () => {
  /** The second firm leaves out a property that the schema does not ask for. */
  const FIRMS = `
  firms:
    query: Find firms.${foundWith('round: { type: string }')}
    key: name`;
  const firms = (sent: AgentRequest[]): AgentBackend =>
    functionAgent((request) => {
      if (request.query.startsWith('Find')) {
        return { found: [{ name: 'Acme', round: 'B' }, { name: 'Bolt' }] };
      }
      sent.push(request);
      return { town: 'Oslo' };
    });

  test.each([
    ['a record of a step', 'firms', '{{row.name}}: {{default row.round "none"}}'],
    [
      'a record with chosen columns',
      '{ from: firms, columns: [name, round] }',
      '{{row.name}}: {{#if row.round}}{{row.round}}{{else}}none{{/if}}',
    ],
    [
      'a record of a list',
      '[{ name: Acme, round: B }, { name: Bolt }]',
      '{{row.name}}: {{default row.round "none"}}',
    ],
    ['a row of a source', 'crm', '{{row.name}}: {{#unless row.round}}none{{else}}B{{/unless}}'],
    [
      'records in one agent run',
      '{ from: firms, batch: all }',
      '{{#each rows}}{{name}}: {{default round "none"}} {{/each}}',
    ],
    [
      'a step that the template lists',
      '[{ id: 1 }]',
      '{{#each steps.firms}}{{name}}: {{default round "none"}} {{/each}}',
    ],
  ])('take a column that %s leaves out for one without a value', async (_, input, query) => {
    const sent: AgentRequest[] = [];
    const sources = portions([[{ name: 'Acme', round: 'B' }, { name: 'Bolt' }]]);
    const rig = new Rig({ agent: firms(sent), sources });
    await rig.write({ 'crm.json': '[]' });
    const report = await rig.run(`
sources: { crm: { file: crm.json } }
steps:${FIRMS}
  homes:
    input: ${input}
    query: 'Where is ${query}?'${TOWN}`);
    expect(report.exit).toBe(0);
    const asked = sent
      .map((request) => request.query)
      .sort()
      .join(' ');
    expect(asked).toContain('Acme: B');
    expect(asked).toContain('Bolt: none');
  });

  test('say of a record without the value what to write in its place', async () => {
    const rig = new Rig({ agent: firms([]) });
    const report = await rig.run(`
steps:${FIRMS}
  homes:
    input: firms
    query: 'Where is {{row.name}} of round {{row.round}}?'${TOWN}`);
    expect(report.exit).toBe(1);
    expect(rig.failures()).toEqual([
      'homes bolt: template: row.round has no value; write {{default row.round "…"}}, or put the part that needs it inside {{#if row.round}}…{{/if}}',
    ]);
  });

  test('do not take a misspelled column of a table with unknown columns for one without a value', async () => {
    const rig = new Rig({ agent: firms([]) });
    await rig.run(`
steps:
  firms:
    query: Find firms.
    schema: { type: object, properties: { found: { type: array, items: { type: object } } } }
  homes:
    input: { from: firms, columns: [name, rouns] }
    query: 'Where is {{row.name}} {{default row.rouns "none"}}?'${TOWN}`);
    expect(rig.failures()).toEqual([
      'homes #1.1: template: row.rouns does not exist; columns: name',
      'homes #1.2: template: row.rouns does not exist; columns: name',
    ]);
  });
});
