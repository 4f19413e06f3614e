import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { SECRET, SourceFolder } from './source-fixtures/sources.ts';

let folder: SourceFolder;
beforeAll(async () => {
  folder = await SourceFolder.create();
});
afterAll(() => folder.remove());

/** All that a person sees of one source. */
async function seen(file: string, content: string | Uint8Array): Promise<string> {
  const warnings: string[] = [];
  const reader = new FileSourceReader({
    onWarning: (warning) => warnings.push(renderDiagnostic(warning)),
  });
  const checked = await reader.check(await folder.write(file, content, {}));
  const errors = checked.ok ? [] : checked.error.map(renderDiagnostic);
  return `${[...errors, ...warnings].join('\n\n')}\n`;
}

describe('A mistake in a row is shown', () => {
  test('with its line and a caret under where it is', async () => {
    expect(await seen('a.csv', 'name,says\nAlder,"We pump"\nBirch,"so" "do" we\n')).toBe(
      `error[E-R92]: there is something beside the quotes of a cell
 --> a.csv:3:11
  |
3 | Birch,"so" "do" we
  |           ^
help: quotes stand around the whole cell, and a quote inside is written twice
`,
    );
  });

  test('where the quote was opened that never closes', async () => {
    expect(await seen('a.csv', 'name,says\r\nAlder,x\r\n"Birch\r\n", "",y\r\nÄsche,"we\r\n')).toBe(
      `error[E-R92]: there is something beside the quotes of a cell
 --> a.csv:4:4
  |
4 | ", "",y
  |    ^
help: quotes stand around the whole cell, and a quote inside is written twice
`,
    );
    expect(await seen('b.tsv', 'name\tsays\nÄsche\t"we\n')).toBe(
      `error[E-R92]: a quote is opened here and never closed
 --> b.tsv:2:7
  |
2 | Äsche "we
  |       ^
help: close it at the end of the cell; a quote inside a cell is written twice
`,
    );
  });

  test('with the whole line underlined where that is wrong', async () => {
    expect(await seen('a.csv', '\ufeffname,says\n Alder,x,y \n')).toBe(
      `error[E-R93]: row 1 has 3 cells; the header has 2
 --> a.csv:2
  |
2 |  Alder,x,y
  |  ^^^^^^^^^
help: put quotes around cells that contain a comma
`,
    );
  });

  test('with the part of a long line around it, columns counted in characters', async () => {
    const long = `{"name":"${'ä😀'.repeat(900)}","says":[1,2,],"more":"${'x'.repeat(5_000)}"}\n`;
    expect(await seen('a.ndjson', `{"name":"b"}\n${long}`)).toBe(
      `error[E-R98]: there is a comma before "]"
 --> a.ndjson:2:2724
  |
2 | …ä😀ä😀ä😀ä😀ä😀","says":[1,2,],"more":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
  |                               ^
help: remove the comma
`,
    );
  });

  test('in a list that is all one line', async () => {
    const records = Array.from({ length: 20_000 }, (_, i) => `{"name":"é${i}"}`).join(',');
    const text = await seen('a.json', `[${records},{"name":tru}]`);
    const [, line = '', carets = ''] = /\n1 \| (.*)\n {2}\| (.*)\n/u.exec(text) ?? [];
    expect(line.slice(carets.length - 1)).toBe('tru}]');
  });

  test('without secrets and without what a terminal would obey', async () => {
    const secret = `{"name":"\u001b[31m ${SECRET} \u202eb","n":1e999}\n`;
    const text = await seen('a.ndjson', secret);
    expect(text).not.toContain(SECRET);
    expect(['\u001b', '\u202e'].filter((mark) => text.includes(mark))).toEqual([]);
    expect(text).toContain(`{"name":"·[31m ${'*'.repeat(SECRET.length)} ·b","n":1e999}`);
  });

  test('and a key of several lines is starred to its end', async () => {
    const text = await seen('a.csv', 'name,key\nAlder,-----BEGIN RSA PRIVATE KEY-----MIIEow\n');
    expect(text).toBe(
      `warning[E-R104]: this looks like an API key or a private key
 --> a.csv:2:7
  |
2 | Alder,${'*'.repeat(37)}
  |       ^
help: rows are sent to the agent: remove it, and replace the key at its provider
`,
    );
  });
});
