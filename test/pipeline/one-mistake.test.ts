import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SourceFile } from '../../src/base/source-file.ts';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { conditionMistake, sqlTables } from '../../src/duckdb/sql-tables.ts';
import { compilePipeline } from '../../src/pipeline/load.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';

/** Every key that a pipeline file may have, wherever it stands. */
const KEYS: ReadonlySet<string | undefined> = new Set(
  [
    ...readFileSync(
      new URL('../../schemas/pipeline.schema.json', import.meta.url),
      'utf8',
    ).matchAll(/^ *"([a-z_]+)": \{/gmu),
  ].map(([, key]) => key),
);

interface Slip {
  readonly line: number;
  readonly to: string;
  readonly text: string;
}

/** The text with one of its keys misspelt, or a value at the end of a line of a wrong kind. */
function slipsIn(text: string): readonly Slip[] {
  const source = new SourceFile('', text);
  const changed = (start: number, end: number, to: string): Slip => ({
    line: source.position(start).line,
    to,
    text: text.slice(0, start) + to + text.slice(end),
  });
  return [...text.matchAll(/(?<=^ *(?:- )?|[{,] )([a-z_]+)(?=:)(: [^\n#|{}[\]]+$)?/gmu)].flatMap(
    ({ 0: whole, 1: key = '', index }) => {
      if (!KEYS.has(key)) return [];
      const misspelt = changed(index, index + key.length, `${key}x`);
      return whole === key
        ? [misspelt]
        : [misspelt, changed(index, index + whole.length, `${key}: [{ wrong: [] }]`)];
    },
  );
}

/** Lines of `ok-everything` with a schema and records: names in them are those of the user. */
const NAMES: ReadonlySet<number> = new Set([18, 37]);

describe.each(['ok-everything', 'ok-leads'])('in %s', async (name) => {
  const root = new URL(`./fixtures/${name}`, import.meta.url).pathname;
  const files = await NodeProjectFiles.open(root, root);
  const project = await loadProject(files);
  if (!project.ok) throw new Error('the fixture has no project');
  const options = {
    files,
    project: project.value,
    params: {},
    sqlTables,
    sqlCondition: conditionMistake,
  };
  const slips = slipsIn(readFileSync(`${root}/input.yaml`, 'utf8'));
  const telling = slips.filter(({ line }) => name !== 'ok-everything' || !NAMES.has(line));

  test.each(telling)('a slip in line $line, to $to, is told once', async ({ text }) => {
    const compiled = await compilePipeline(new SourceFile('input.yaml', text), options);
    const told = compiled.ok ? [] : compiled.error.map(renderDiagnostic);
    expect(told).toEqual([expect.stringContaining('error[E-')]);
  });
});
