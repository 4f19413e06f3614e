import { mkdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePaths } from '../../src/base/compare-paths.ts';
import type { StepState } from '../../src/store/store.ts';
import { placeOf } from '../../src/tables/output-members.ts';
import { stepRows, type RejectedRow, type StepRow } from '../../src/tables/step-rows.ts';
import { OutputRig, type Task } from './output-rig.ts';

async function rowsOf(
  rig: OutputRig,
  state: StepState,
  inMemory = 20_000,
): Promise<{ readonly rows: readonly StepRow[]; readonly rejected: readonly RejectedRow[] }> {
  await mkdir(rig.scratchFolder, { recursive: true });
  const rows: StepRow[] = [];
  const rejected: RejectedRow[] = [];
  const sorting = { scratchFolder: rig.scratchFolder, inMemory };
  for await (const portion of stepRows(rig.store, state, sorting)) {
    rows.push(...portion.rows);
    rejected.push(...portion.rejected);
  }
  return { rows, rejected };
}

describe('the rows of a step', () => {
  test('come in one order, whether they are sorted in memory or on disk', async () => {
    const rig = await OutputRig.create();
    const order = Array.from({ length: 2_500 }, (_, i) => (i * 977) % 2_500);
    const tasks = order.map((n): Task => ({ path: [n, n % 3], items: [{ n }] }));
    const state = await rig.step('many', {}, tasks);
    const small = await rowsOf(rig, state);
    const large = await rowsOf(rig, state, 100);
    expect(small.rows.map(({ record }) => record['n'])).toEqual([...order].sort((a, b) => a - b));
    expect(large.rows).toEqual(small.rows);
  });

  test('of tasks with one place keep the order in which the tasks ended', async () => {
    const rig = await OutputRig.create();
    const tasks = Array.from({ length: 300 }, (_, n): Task => ({ path: [n % 2], items: [{ n }] }));
    const state = await rig.step('many', {}, tasks);
    const small = await rowsOf(rig, state);
    expect(small.rows.slice(0, 3).map(({ record }) => record['n'])).toEqual([0, 2, 4]);
    expect((await rowsOf(rig, state, 10)).rows).toEqual(small.rows);
  });

  test('with upsert keep the newest also where all tasks have one place', async () => {
    const rig = await OutputRig.create();
    const task = (v: string): Task => ({ path: [0], items: [{ id: 'a', v }] });
    const state = await rig.step('crm', { key: ['id'], mode: 'upsert' }, ['1', '2', '3'].map(task));
    const { rows, rejected } = await rowsOf(rig, state);
    expect(rows).toMatchObject([{ record: { v: '3' } }]);
    expect(rejected).toMatchObject([{ record: { v: '1' } }, { record: { v: '2' } }]);
  });

  test('with upsert hold the newest record of a key, in its own place', async () => {
    const rig = await OutputRig.create();
    const of = (path: number, ...records: readonly object[]): Task => ({
      path: [path],
      items: records as never,
    });
    // The order here is that of the answers: later ones are newer.
    const state = await rig.step('crm', { key: ['id'], mode: 'upsert' }, [
      of(5, { id: 'a', v: 'old' }, { id: 'b', v: 'only' }),
      {
        ...of(9, { id: 'c', v: 'dropped' }),
        dropped: [{ index: 0, reason: 'excluded', detail: '' }],
      },
      of(7, { id: 'A', v: 'middle' }),
      of(1, { id: 'a', v: 'new' }, { id: ' a ', v: 'same answer' }, { id: 'c', v: 'kept' }),
    ]);
    for (const inMemory of [1, 20_000]) {
      const { rows, rejected } = await rowsOf(rig, state, inMemory);
      expect(rows.map(({ record, _key }) => [_key, record['v']])).toEqual([
        ['a', 'new'],
        ['c', 'kept'],
        ['b', 'only'],
      ]);
      expect(rejected).toMatchObject([
        { reason: 'superseded', key: 'a', record: { v: 'same answer' } },
        { reason: 'superseded', key: 'a', record: { v: 'old' }, record_index: 0 },
        { reason: 'superseded', key: 'a', record: { v: 'middle' } },
        { reason: 'excluded', record: { v: 'dropped' } },
      ]);
    }
  });

  test('leave the keys of other modes as the run decided', async () => {
    const rig = await OutputRig.create();
    const state = await rig.step('crm', { key: ['id'], mode: 'append' }, [
      { items: [{ id: 'a' }] },
      { items: [{ id: 'a' }], dropped: [{ index: 0, reason: 'duplicate', detail: 'd' }] },
    ]);
    const { rows, rejected } = await rowsOf(rig, state);
    expect(rows).toHaveLength(1);
    expect(rejected).toMatchObject([{ reason: 'duplicate', detail: 'd', record_index: 0 }]);
  });

  test('are the text, one record, or the list itself, as the layout says', async () => {
    const rig = await OutputRig.create();
    const text = await rig.step('text', { records: { kind: 'text' } }, [
      { output: { text: 'hi' } },
    ]);
    const object = await rig.step('object', { records: { kind: 'object' } }, [
      { output: { structured: { a: 1 } } },
    ]);
    const list = await rig.step('list', { records: { kind: 'root-array' } }, [
      { output: { structured: [{ a: 1 }, 'bare'] } },
    ]);
    const records = async (state: StepState): Promise<readonly unknown[]> =>
      (await rowsOf(rig, state)).rows.map(({ record }) => record);
    expect(await records(text)).toEqual([{ text: 'hi' }]);
    expect(await records(object)).toEqual([{ a: 1 }]);
    expect(await records(list)).toEqual([{ a: 1 }, { value: 'bare' }]);
  });

  test('tell an answer that can no longer be used as rejected, with all of it', async () => {
    const rig = await OutputRig.create();
    const state = await rig.step('companies', {}, [
      { task: 't', output: { structured: { other: [] } } },
    ]);
    const { rows, rejected } = await rowsOf(rig, state);
    expect(rows).toEqual([]);
    expect(rejected).toEqual([
      {
        task: 't',
        record_index: null,
        key: null,
        reason: 'invalid-output',
        detail: 'no list of records at "items"',
        record: { other: [] },
        agent_run_id: 'run-1',
      },
    ]);
  });
});

test('paths as text sort as paths do', () => {
  const path = fc.array(fc.oneof(fc.nat(30), fc.nat(Number.MAX_SAFE_INTEGER)), { maxLength: 4 });
  fc.assert(
    fc.property(path, path, (a, b) => {
      const [x, y] = [placeOf(a), placeOf(b)];
      expect(x < y ? -1 : x > y ? 1 : 0).toBe(Math.sign(comparePaths(a, b)));
    }),
  );
});
