import { describe, expect, test } from 'vitest';
import { SourceFile } from '../../src/base/source-file.ts';
import { errorAt, errorInFile, warningAt } from '../../src/diagnostics/diagnostic.ts';
import { diagnosticJson } from '../../src/diagnostics/render-json.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';

const source = new SourceFile(
  'pipelines/leads.yaml',
  'version: 1\nsteps:\n  find:\n    outptu: x\n',
);
const at = source.text.indexOf('outptu');
const span = { source, start: at, end: at + 6 };

describe('a diagnostic for a person', () => {
  test('shows the code, the place, the line with a caret, and what to do', () => {
    const shown = renderDiagnostic(errorAt('E-Y25', span, 'unknown key "outptu"', 'did you mean?'));
    expect(shown).toBe(
      [
        'error[E-Y25]: unknown key "outptu"',
        ' --> pipelines/leads.yaml:4:5',
        '  |',
        '4 |     outptu: x',
        '  |     ^^^^^^',
        'help: did you mean?',
      ].join('\n'),
    );
  });

  test('shows a place in a file whose text is not kept', () => {
    const place = { path: 'data/crm.csv', line: 17, column: 3 };
    expect(renderDiagnostic(errorInFile('E-R93', place, 'row has 3 columns', 'add one'))).toBe(
      'error[E-R93]: row has 3 columns\n  --> data/crm.csv:17:3\nhelp: add one',
    );
  });

  test('lets no control character, escape or turned text of a file reach the terminal', () => {
    const hostile = new SourceFile('a.yaml', 'x: "\u001b]8;;http://evil\u0007\u202eabc\u009b"\r\n');
    const shown = renderDiagnostic(
      errorAt('E-Y25', { source: hostile, start: 0, end: 3 }, 'bad \u001b[31m', 'try \u001b[32m'),
    );
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(shown).toContain('1 | x: "·]8;;http://evil··abc·"');
  });

  test('cuts a long line to a window around what is wrong', () => {
    const text = `${'a'.repeat(5_000)}WRONG${'b'.repeat(5_000)}`;
    const long = new SourceFile('a.yaml', text);
    const shown = renderDiagnostic(
      errorAt('E-Y25', { source: long, start: 5_000, end: 5_005 }, 'wrong', 'x'),
    ).split('\n');
    const [line = '', carets = ''] = shown.slice(3);
    expect(line.length).toBeLessThan(100);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('WRONG');
  });

  test('a tab takes one column, so that the caret stays below', () => {
    const tabbed = new SourceFile('a.yaml', 'a:\t\tb');
    const shown = renderDiagnostic(
      errorAt('E-Y10', { source: tabbed, start: 4, end: 5 }, 'x', 'y'),
    );
    expect(shown).toContain('1 | a:  b\n  |     ^');
  });

  test('stars out what looks like a secret, in the line and in the message', () => {
    const key = 'sk-0123456789abcdefghij';
    const leaky = new SourceFile('a.yaml', `query: use ${key} now`);
    const diagnostic = errorAt(
      'E-Y25',
      { source: leaky, start: 0, end: 5 },
      `unknown ${key}`,
      `not ${key}`,
    );
    expect(renderDiagnostic(diagnostic)).not.toContain(key);
    expect(JSON.stringify(diagnosticJson(diagnostic))).not.toContain(key);
  });

  test('a message that quotes a whole file is cut', () => {
    const shown = renderDiagnostic(
      errorAt('E-Y25', span, 'x'.repeat(100_000), 'y'.repeat(100_000)),
    );
    expect(shown.length).toBeLessThan(1_500);
  });
});

describe('a diagnostic for machines', () => {
  test('has the place as numbers, counted from 1', () => {
    expect(diagnosticJson(warningAt('E-Y39', span, 'unused', 'remove it'))).toEqual({
      code: 'E-Y39',
      severity: 'warning',
      message: 'unused',
      path: 'pipelines/leads.yaml',
      line: 4,
      column: 5,
      endLine: 4,
      endColumn: 11,
      help: 'remove it',
    });
  });

  test('a place on the command line is the argument', () => {
    const place = { kind: 'argument', argument: '--param x=1' } as const;
    const diagnostic = {
      code: 'E-P07',
      severity: 'error',
      message: 'none',
      place,
      help: 'leave it out',
    } as const;
    expect(diagnosticJson(diagnostic)).toEqual({
      code: 'E-P07',
      severity: 'error',
      message: 'none',
      argument: '--param x=1',
      help: 'leave it out',
    });
    const shown = renderDiagnostic(diagnostic);
    expect(shown).toBe('error[E-P07]: none\n  --> --param x=1\nhelp: leave it out');
  });
});
