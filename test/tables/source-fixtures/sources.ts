import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceFile } from '../../../src/base/source-file.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { Source, SourceFormat } from '../../../src/pipeline/pipeline.ts';
import { FileSourceReader, type SourceReaderOptions } from '../../../src/tables/source-reader.ts';

/** A folder of sources that goes away with the test. */
export class SourceFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<SourceFolder> {
    return new SourceFolder(await mkdtemp(join(tmpdir(), 'fieldwork-sources-')));
  }

  /** Writes a file and describes it as a pipeline would. */
  async write(
    file: string,
    content: string | Uint8Array,
    options: { readonly key?: readonly string[]; readonly table?: string } = {},
  ): Promise<Source> {
    await writeFile(join(this.path, file), content);
    return this.source(file, options);
  }

  source(
    file: string,
    options: { readonly key?: readonly string[]; readonly table?: string } = {},
  ): Source {
    const [name = '', format = ''] = file.split('.');
    const text = `sources: { ${name}: { file: ${file} } }`;
    return {
      name,
      path: join(this.path, file),
      shownPath: file,
      format: format as SourceFormat,
      table: options.table,
      key: options.key,
      span: { source: new SourceFile('pipeline.yaml', text), start: 0, end: text.length },
    };
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true });
  }
}

/** Everything that is said about a source, one line for each diagnostic, warnings first. */
export async function saidOf(source: Source, options: SourceReaderOptions = {}): Promise<string[]> {
  const said: string[] = [];
  const onWarning = (found: Diagnostic): void => void said.push(told(found));
  const result = await new FileSourceReader({ ...options, onWarning }).check(source);
  return result.ok ? said : [...said, ...result.error.map(told)];
}

/** What is said about a file with this content. */
export type CheckCase = readonly [
  what: string,
  content: string | Uint8Array,
  said: readonly string[],
  options?: SourceReaderOptions & { readonly key?: readonly string[] },
];

/** Cases with their names for the titles of tests. */
export const named = (cases: readonly CheckCase[]): { what: string; given: CheckCase }[] =>
  cases.map((given) => ({ what: given[0], given }));

/** Looks like a key of some service. */
export const SECRET: string = `sk-${'a1B2'.repeat(8)}`;

/** `E-R93 crm.csv:3: row 2 has 1 cell; the header has 2 [help]`, with `warning` first for one. */
function told({ code, severity, message, place, help }: Diagnostic): string {
  const at = place.kind === 'file' ? [place.path, place.line, place.column] : [];
  const where = at.filter((part) => part !== undefined).join(':');
  const kind = severity === 'warning' ? 'warning ' : '';
  return `${kind}${code} ${where}: ${message}${help === undefined ? '' : ` [${help}]`}`;
}

export async function allRows(
  portions: AsyncIterable<readonly JsonObject[]>,
): Promise<JsonObject[]> {
  const all: JsonObject[] = [];
  for await (const rows of portions) all.push(...rows);
  return all;
}
