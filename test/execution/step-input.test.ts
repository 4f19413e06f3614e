import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { asking, inline, TOWN } from './pipelines.ts';

test('no more of a list written in the file is asked about than its limit says', async () => {
  const asked: string[] = [];
  const rig = new Rig({ agent: asking(asked, () => ({ town: 'Oslo' })) });
  const towns = (limit: number): string => `
steps:
  towns:
    input: { from: ${inline([{ id: 'a' }, { id: 'b' }, { id: 'c' }])}, limit: ${limit} }
    query: Where is {{row.id}}?${TOWN}`;
  const [plan] = await rig.plan(towns(2));
  expect(plan).toMatchObject({ tasks: 2, toRun: 2 });
  await rig.run(towns(2));
  expect(asked).toEqual(['Where is a?', 'Where is b?']);
  await rig.run(towns(9));
  expect(asked).toEqual(['Where is a?', 'Where is b?', 'Where is c?']);
});
