import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { functionAgent } from '../rig/scripted-agent.ts';

const LIST_AND_PART = `
steps:
  companies:
    query: Find companies.
    schema:
      type: object
      required: [companies]
      properties:
        companies: { type: array, items: { type: object, properties: { name: { type: string } } } }
    key: name
  part:
    continue: companies
    query: Narrow that list.
    schema:
      type: object
      required: [companies]
      properties:
        companies: { type: array, items: { type: object, properties: { name: { type: string } } } }
`;

test('a follow-up is asked again when the answer that it follows is another one, and only then', async () => {
  const asked: string[] = [];
  let found = ['Acme', 'Bolt'];
  const rig = new Rig({
    agent: functionAgent(({ query, previousRunId }) => {
      asked.push(`${query} ${previousRunId ?? ''}`.trim());
      const names = previousRunId === undefined ? found : found.slice(0, 1);
      return { companies: names.map((name) => ({ name })) };
    }),
  });
  await rig.run(LIST_AND_PART);
  expect(asked).toEqual(['Find companies.', 'Narrow that list. run-1']);

  // The same answer again: "that list" is the list it was.
  await rig.run(LIST_AND_PART, { refresh: ['companies'] });
  expect(asked.slice(2)).toEqual(['Find companies.']);

  found = ['Cord', 'Dune'];
  await rig.run(LIST_AND_PART, { refresh: ['companies'] });
  expect(asked.slice(3)).toEqual(['Find companies.', 'Narrow that list. run-4']);
  expect(await rig.table('part')).toEqual([{ name: 'Cord' }]);
});
