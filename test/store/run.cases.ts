import { expect } from 'vitest';
import { run, stepState } from './samples.ts';
import type { Each } from './store.cases.ts';

/** What every store promises about runs, and about being closed. */
export function runCases(each: Each): void {
  each('lists runs newest first and keeps the last word of each', async ({ store, reopen }) => {
    await store.putRun(run('bbbbbb', 2));
    await store.putRun(run('aaaaaa', 3));
    await store.putRun(run('cccccc', 1));
    await store.putRun(run('cccccc', 1, { status: 'succeeded', exit: 0 }));
    const later = await reopen();
    const names = (await later.runs(10)).map((one) => one.run);
    expect(names).toEqual([run('aaaaaa', 3).run, run('bbbbbb', 2).run, run('cccccc', 1).run]);
    expect((await later.runs(10))[2]).toMatchObject({ status: 'succeeded', exit: 0 });
    expect((await later.runs(1)).map((one) => one.run)).toEqual([run('aaaaaa', 3).run]);
    expect(await later.runs(0)).toEqual([]);
  });

  each('refuses names that cannot be keys', async ({ store }) => {
    await expect(store.addMembers('a\0b', 0, [])).rejects.toThrow('Not a version: "a\\u0000b"');
    await expect(store.addMembers('', 0, [])).rejects.toThrow('Not a version');
    await expect(store.publish(stepState('péople', 'v1'))).rejects.toThrow('Not a step');
    expect(await store.stepStates('leads')).toEqual([]);
  });

  each('closes twice without harm', async ({ store }) => {
    await store.close();
    await expect(store.close()).resolves.toBeUndefined();
  });
}
