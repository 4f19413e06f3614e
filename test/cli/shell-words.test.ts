import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from '../../src/cli/shell-words.ts';

test('words that need no quotes have none', () => {
  expect(shellWords(['fieldwork', 'run', 'pipelines/a-b.yaml', '--param', 'count=3'])).toBe(
    'fieldwork run pipelines/a-b.yaml --param count=3',
  );
});

test('what a shell would read otherwise is quoted, and what is not seen is written out', () => {
  expect(shellWords(["a=it's", '', '$HOME', 'x\ny', '\u202e'])).toBe(
    String.raw`'a=it'\''s' '' '$HOME' $'x\u000Ay' $'\u202E'`,
  );
});

test('a shell takes any words apart into just these', () => {
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
      const told = execFileSync('bash', ['-c', String.raw`printf '%s\0' ${shellWords(words)}`], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect(told.toString().split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 30 },
  );
});
