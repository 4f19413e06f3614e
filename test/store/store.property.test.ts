import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OverlayStore } from '../../src/store/overlay-store.ts';
import type { StoreUnderTest } from './store.cases.ts';
import { FINGERPRINTS, StoreModel, type Write } from './store-model.ts';
import { lmdbStore, memoryStore } from './stores.ts';

const fingerprintNumber = fc.nat({ max: FINGERPRINTS - 1 });
const attempt = fc.nat({ max: 4 });
const step = fc.nat({ max: 2 });

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    kind: fc.constant('intend' as const),
    asks: fc.array(fingerprintNumber, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('created' as const), attempt }),
  fc.record({ kind: fc.constant('note' as const), attempt, held: fc.boolean() }),
  fc.record({
    kind: fc.constant('settle' as const),
    attempt,
    failed: fc.boolean(),
    answers: fc.array(fingerprintNumber, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('add' as const), step, members: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('publish' as const), step }),
  fc.record({ kind: fc.constant('discard' as const), step }),
  fc.record({ kind: fc.constant('run' as const), run: fc.nat({ max: 4 }) }),
);
const history = fc.array(write, { maxLength: 40 });

describe('whatever is written', () => {
  test.each([
    ['memory', memoryStore, 300],
    ['LMDB', lmdbStore, 30],
  ] as const)(
    'a store in %s says what the model says',
    async (_, setup, numRuns) => {
      await fc.assert(
        fc.asyncProperty(history, async (writes) => {
          await withStore(setup, async ({ store, reopen }) => {
            const model = new StoreModel();
            for (const one of writes) await model.apply(store, one);
            expect(await model.said(store)).toEqual(model.expected());
            expect(await model.said(await reopen())).toEqual(model.expected());
          });
        }),
        { numRuns },
      );
    },
    60_000,
  );

  test.each([
    ['memory', memoryStore, 300],
    ['LMDB', lmdbStore, 30],
  ] as const)(
    'a store over one in %s says what the model says, and leaves the other as it was',
    async (_, setup, numRuns) => {
      await fc.assert(
        fc.asyncProperty(history, history, async (before, after) => {
          await withStore(setup, async ({ store, reopen }) => {
            const model = new StoreModel();
            for (const one of before) await model.apply(store, one);
            const questions = model.questions();
            const was = await model.said(store, questions);
            const overlay = new OverlayStore(store);
            for (const one of after) await model.apply(overlay, one);
            expect(await model.said(overlay)).toEqual(model.expected());
            expect(await model.said(await reopen(), questions)).toEqual(was);
          });
        }),
        { numRuns },
      );
    },
    60_000,
  );
});

async function withStore(
  setup: () => Promise<StoreUnderTest>,
  body: (under: StoreUnderTest) => Promise<void>,
): Promise<void> {
  const under = await setup();
  try {
    await body(under);
  } finally {
    await under.dispose();
  }
}
