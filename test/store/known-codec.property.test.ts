import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packEntry, unpackEntry } from '../../src/store/known-codec.ts';
import type { AnswerId } from '../../src/store/store.ts';
import { HOSTILE } from './samples.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(...HOSTILE),
  fc.stringMatching(/^[0-9a-f]{64}$/),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const answer = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((id) => id as AnswerId),
  answeredAt: text,
  digest: text,
  agentRunId: text,
});
const entry = fc.record({
  answer: fc.option(answer, { nil: undefined }),
  failed: fc.option(
    fc.record(
      { kind: text, at: text, charged: fc.boolean(), message: text },
      { requiredKeys: ['kind', 'at', 'charged'] },
    ),
    { nil: undefined },
  ),
});

describe('an entry of the index', () => {
  test('reads back as it was', () => {
    fc.assert(
      fc.property(entry, (given) => {
        expect(unpackEntry(packEntry(given))).toEqual(given);
      }),
    );
  });

  test('takes little room for a usual answer', () => {
    const packed = packEntry({
      answer: {
        id: 1 as AnswerId,
        answeredAt: '2026-11-22T09:14:00.123Z',
        digest: 'ab'.repeat(32),
        agentRunId: 'agent_run_01hx',
      },
      failed: undefined,
    });
    expect(packed).toHaveLength(1 + 4 + (5 + 24) + (1 + 32) + (5 + 14));
  });

  test('that is cut short is refused', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (given, cut) => {
        const whole = packEntry(given);
        fc.pre(whole.length > 1);
        const part = Buffer.from(whole.subarray(0, cut % whole.length));
        expect(() => unpackEntry(part)).toThrow(RangeError);
      }),
    );
  });
});
