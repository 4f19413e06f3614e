import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ok } from '../../src/base/result.ts';
import { SourceFile } from '../../src/base/source-file.ts';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { compilePipeline, type LoadOptions } from '../../src/pipeline/load.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';

const ROOT = new URL('./fixtures/ok-everything/', import.meta.url).pathname.replace(/\/$/u, '');
const WHOLE = readFileSync(`${ROOT}/input.yaml`, 'utf8').split('\n');

/** Values that a person may put in the wrong place. */
const MISPLACED = `7 | -1 | 1.5 | null | true | "" | [] | {} | [1] | { a: 1 } | one | nobody
  | "{{row.x}}" | {{row.x}} | "{{#if" | 2w | ../x | "a: b" | . | [[]] | [null] | x.csv`;
const value = fc.constantFrom(...MISPLACED.split('|').map((text) => text.trim()));

type Edit = (lines: readonly string[]) => readonly string[];
const edit: fc.Arbitrary<Edit> = fc.nat({ max: WHOLE.length - 1 }).chain((at) =>
  fc.oneof(
    fc.constant<Edit>((lines) => lines.toSpliced(at, 1)),
    fc.constant<Edit>((lines) => lines.toSpliced(at, 0, lines[at] ?? '')),
    value.map<Edit>((text) => (lines) => lines.with(at, `${keyOf(lines[at])} ${text}`)),
    fc.nat(6).map<Edit>((n) => (lines) => lines.with(at, `${' '.repeat(n)}${lines[at]?.trim()}`)),
  ),
);

const keyOf = (line = ''): string => /^\s*(?:- )?[\w-]+:/u.exec(line)?.[0] ?? line;

test('a pipeline with slips in it loads, or every slip can be shown', async () => {
  const files = await NodeProjectFiles.open(ROOT, ROOT);
  const project = await loadProject(files);
  if (!project.ok) throw new Error('the fixture has no project file');
  const options: LoadOptions = {
    files,
    project: project.value,
    params: {},
    sqlTables: () => Promise.resolve(ok(['crm', 'five', 'one'])),
  };
  let loaded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
      const lines = edits.reduce<readonly string[]>(
        (before, change) => (before.length === WHOLE.length ? change(before) : before),
        WHOLE,
      );
      const compiled = await compilePipeline(
        new SourceFile('input.yaml', lines.join('\n')),
        options,
      );
      const shown = compiled.ok ? compiled.value.warnings : compiled.error;
      if (compiled.ok) loaded++;
      else expect(shown.some(({ severity }) => severity === 'error')).toBe(true);
      for (const diagnostic of shown) {
        expect(renderDiagnostic(diagnostic)).toMatch(/^(?:error|warning)\[E-[A-Z]\d+\]: \S/u);
      }
    }),
    { numRuns: 150 },
  );
  expect(loaded).toBeGreaterThan(5);
}, 60_000);
