import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAny } from '../../src/base/until-any.ts';

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

test('the first signal that aborts ends the work, with its reason', async () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const work = untilAny([a.signal, b.signal], aborted);
  b.abort('b');
  a.abort('a');
  expect(await work).toBe('b');
  expect(await untilAny([new AbortController().signal, a.signal], aborted)).toBe('a');
});

test('no listener stays, whether the work ends, throws or is aborted', async () => {
  const { signal } = new AbortController();
  const other = new AbortController();
  for (let i = 0; i < 100; i++) await untilAny([signal, other.signal], () => Promise.resolve(i));
  await expect(
    untilAny([signal, other.signal], () => Promise.reject(new Error('lost'))),
  ).rejects.toThrow('lost');
  const cut = untilAny([signal, other.signal], aborted);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  other.abort();
  await cut;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(getEventListeners(other.signal, 'abort')).toEqual([]);
});
