import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { asking, FOUND, inline, names, rowOf, shown } from './pipelines.ts';

const YAML = `
concurrency: 4
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  again:
    input: ${inline([{ id: 'b' }, { id: 'a' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name`;

test('what two steps of a run ask alike is asked once, and both have the answer', async () => {
  const asked: string[] = [];
  const agent = asking(asked, (request) => ({
    found: [{ name: `Firm ${shown(rowOf(request)['id'])}` }],
  }));
  const rig = new Rig({ agent });
  expect((await rig.run(YAML)).exit).toBe(0);
  expect(asked.toSorted()).toEqual(['Which firm is a?', 'Which firm is b?']);
  expect(names(await rig.table('firms'))).toEqual(['Firm a', 'Firm b']);
  expect(names(await rig.table('again'))).toEqual(['Firm b', 'Firm a']);
});

test('a refreshed step asks anew although another step has had an answer before', async () => {
  const asked: string[] = [];
  const agent = asking(asked, () => ({ found: [{ name: `Firm ${asked.length}` }] }));
  const rig = new Rig({ agent });
  await rig.run(YAML);
  await rig.run(YAML, { refresh: ['firms'] });
  expect(asked).toHaveLength(4);
});

test('records of a whole table are sent in its order, whichever was answered first', async () => {
  const sent: unknown[] = [];
  const agent = asking([], (request) => {
    if (request.query.startsWith('Compare')) {
      sent.push(...(request.input?.data ?? []).map(({ name }) => name));
      return { found: [] };
    }
    return { found: [{ name: `Firm ${shown(rowOf(request)['id'])}` }] };
  });
  const first = new Rig({ agent });
  const firms = (ids: readonly string[]): string => `
concurrency: 1
steps:
  firms:
    input: ${inline(ids.map((id) => ({ id })))}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  sizes:
    input: { from: firms, batch: all }
    query: Compare them.${FOUND}
    key: name`;
  await first.run(firms(['b', 'c']), { steps: ['firms'] });
  // b and c are known and come at once, a is asked: it ends last and stands first.
  await first.run(firms(['a', 'b', 'c']));
  expect(sent).toEqual(['Firm a', 'Firm b', 'Firm c']);
});
