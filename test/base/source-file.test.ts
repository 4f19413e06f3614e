import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceFile } from '../../src/base/source-file.ts';

describe('a source file', () => {
  test('names places as editors do', () => {
    const file = new SourceFile('a.yaml', 'one\ntwo\r\n\nfour');
    expect([0, 3, 4, 9, 10, 14].map((offset) => file.position(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 4 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
      { line: 4, column: 5 },
    ]);
    expect([1, 2, 3, 4].map((line) => file.line(line))).toEqual(['one', 'two', '', 'four']);
  });

  test('finds every character in the line it names', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '👍') });
    fc.assert(
      fc.property(text, fc.nat(), (content, at) => {
        fc.pre(content !== '');
        const offset = at % content.length;
        const { line, column } = new SourceFile('a', content).position(offset);
        const lines = content.split('\n');
        expect(`${lines[line - 1]}\n`[column - 1]).toBe(content[offset]);
      }),
    );
  });
});
