import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SetDigest } from '../../src/plan/set-digest.ts';

function digest(members: readonly string[]): string {
  const set = new SetDigest();
  for (const member of members) set.add(member);
  return set.toString();
}

const member = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.nat(50).map((n) => `${n} ${'ab'.repeat(32)} ${n}`),
);

test('the order of members does not matter', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(member, fc.nat())), (list) => {
      const shuffled = list.toSorted(([, a], [, b]) => a - b).map(([it]) => it);
      expect(digest(shuffled)).toBe(digest(list.map(([it]) => it)));
    }),
  );
});

test('any member that is added, taken away or changed makes another digest', () => {
  fc.assert(
    fc.property(fc.array(member), member, member, (list, one, other) => {
      expect(digest([...list, one])).not.toBe(digest(list));
      fc.pre(one !== other);
      expect(digest([...list, one])).not.toBe(digest([...list, other]));
      expect(digest([...list, one, one])).not.toBe(digest([...list, one, other]));
    }),
  );
});

test('a hundred thousand like members have a hundred thousand digests', () => {
  const seen = new Set<string>();
  for (let n = 0; n < 100_000; n++)
    seen.add(digest([`${n}.0 ${'0123456789abcdef'.repeat(4)} ${n + 1}`]));
  expect(seen.size).toBe(100_000);
});

test('exchanged parts of two members make another digest', () => {
  const seen = new Set<string>();
  for (let n = 0; n < 300; n++)
    seen.add(digest([`${n} a`, `${n + 1} b`])).add(digest([`${n} b`, `${n + 1} a`]));
  expect(seen.size).toBe(600);
});

test('digests at rest stay what they are', () => {
  expect([digest([]), digest(['a', 'b']), digest(['Zürich \u{1f600}'])]).toMatchInlineSnapshot(`
    [
      "0-0000000000000000",
      "2-8305b344387ab442",
      "1-2f22ab79bb28bd06",
    ]
  `);
});
