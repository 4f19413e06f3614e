import { OutputSchema } from '../agent/output-schema.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { fail, type Result } from '../base/result.ts';
import type { Span } from '../base/source-file.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { errorAt, warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { parseYaml } from './parse.ts';
import type { ParsedDocument, Path } from './parsed-document.ts';
import type { ParseLimits } from './token-scan.ts';
import type { RecordsAt } from './pipeline.ts';
import { columnHint, type Resolution, type StepSchema } from './resolution.ts';
import { SCHEMA_FILE_BYTES } from './project-files.ts';
import { readText } from './read-text.ts';
import { findRecords } from './record-shape.ts';
import type { StepSpec } from './spec.ts';

/** A schema as it was read, with the way back to its text. */
interface SchemaText {
  readonly json: JsonObject;
  readonly locate: (path: Path) => Span;
  readonly locateKey: (path: Path) => Span;
}

/** Generous where the schema's own check is the narrower one and says more. */
const SCHEMA_LIMITS: ParseLimits = { maxKeys: 20_000, maxDepth: 64 };
const SCHEMA_START = 'start with { "type": "object", "properties": { … } }';
/** Problems about a keyword as such point at the keyword, all others at its value. */
const ABOUT_KEYWORD: ReadonlySet<string> = new Set(['E-S74', 'E-S75', 'E-S84', 'E-S79', 'E-S80']);

/** Lists of contact values without an end, each of which may be charged. */
const ENDLESS = 'E-S82';

/** Reads and compiles the schemas of all agent steps; the same file is read once. */
export async function resolveSchemas(at: Resolution): Promise<void> {
  const files = new Map<string, Promise<CompiledSchema | undefined>>();
  for (const [name, step] of Object.entries(at.spec.steps)) {
    if (step.query === undefined && !at.isBroken('steps', name, 'query')) continue;
    const { schema: written } = step;
    const compiled = await compiledOf(at, name, written, files);
    if (at.isStepBroken(name, 'schema', 'records')) continue;
    // What a step without either gives depends on what its query was to be.
    if (step.query === undefined && written === undefined) continue;
    if (written !== undefined && compiled === undefined) continue;
    const found = stepSchema(at, name, step, compiled);
    if (found !== undefined) at.schemas.set(name, found);
  }
}

async function compiledOf(
  at: Resolution,
  step: string,
  written: StepSpec['schema'],
  files: Map<string, Promise<CompiledSchema | undefined>>,
): Promise<CompiledSchema | undefined> {
  const path = ['steps', step, 'schema'];
  if (typeof written === 'string') {
    const known = files.get(written) ?? schemaFile(at, written, path);
    files.set(written, known);
    return known;
  }
  if (written === undefined) return undefined;
  return compileSchema(at, {
    json: written,
    locate: (inner) => at.document.locate([...path, ...inner]),
    locateKey: (inner) => at.document.locateKey([...path, ...inner]),
  });
}

interface CompiledSchema {
  readonly schema: OutputSchema;
  readonly text: SchemaText;
  readonly endless: readonly Diagnostic[];
}

async function schemaFile(
  at: Resolution,
  file: string,
  path: Path,
): Promise<CompiledSchema | undefined> {
  // Reported as a template where none can be.
  if (file.includes('{{')) return undefined;
  const span = at.document.locate(path);
  const read = await at.files.read(file, { from: at.from, maxBytes: SCHEMA_FILE_BYTES });
  if (!read.ok) {
    const { code, message, help } = read.error;
    if (code === 'E-Y03')
      at.errorAt('E-S70', span, message, 'ask for fewer properties, or split the step in two');
    else at.errorAt(code, span, message, help);
    return undefined;
  }
  const source = readText(read.value.shownPath, read.value.bytes);
  if (!source.ok) {
    at.problems.push(...source.error);
    return undefined;
  }
  const document = parseYaml(source.value, SCHEMA_START, SCHEMA_LIMITS);
  const json = /\.ya?ml$/iu.test(file) ? document : strictJson(document, source.value.text);
  if (!json.ok) {
    at.problems.push(...json.error);
    return undefined;
  }
  const { value } = json.value;
  const whole = json.value.locate([]);
  if (!isJsonObject(value)) {
    at.errorAt('E-S69', whole, 'a schema must be a JSON object', SCHEMA_START);
    return undefined;
  }
  return compileSchema(at, {
    json: value,
    locate: (inner) => json.value.locate(inner),
    locateKey: (inner) => json.value.locateKey(inner),
  });
}

/**
 * YAML reads more than JSON (comments, trailing commas), and other tools that read the file would
 * stumble over it; so a `.json` file must be JSON. Its places still come from the YAML reader.
 */
function strictJson(
  document: Result<ParsedDocument, Diagnostic[]>,
  text: string,
): Result<ParsedDocument, Diagnostic[]> {
  if (!document.ok) return document;
  try {
    JSON.parse(text);
    return document;
  } catch (error) {
    const { source } = document.value;
    const at = Number(/position (\d+)/u.exec(String(error))?.[1] ?? 0);
    const start = Math.min(at, Math.max(0, source.text.length - 1));
    return fail([
      errorAt(
        'E-S69',
        { source, start, end: start + 1 },
        'the file is not valid JSON from here on',
        'JSON has no comments and no comma after the last entry',
      ),
    ]);
  }
}

function compileSchema(at: Resolution, text: SchemaText): CompiledSchema | undefined {
  const compiled = OutputSchema.compile(text.json);
  const found = compiled.ok ? compiled.value.warnings : compiled.error;
  const endless: Diagnostic[] = [];
  for (const { code, pointer, message, hint, severity } of found) {
    const path = pathOf(pointer);
    const span = placeOf(text, path, code);
    const make = severity === 'error' ? errorAt : warningAt;
    const diagnostic = make(code as DiagnosticCode, span, message, hint);
    if (code === ENDLESS) endless.push(diagnostic);
    else (severity === 'error' ? at.problems : at.warnings).push(diagnostic);
  }
  return compiled.ok ? { schema: compiled.value, text, endless } : undefined;
}

/** A mapping or list of several lines is named by its key: nobody can see where it ends. */
function placeOf(text: SchemaText, path: Path, code: string): Span {
  const span = text.locate(path);
  const isLong = span.source.text.slice(span.start, span.end).includes('\n');
  return isLong || ABOUT_KEYWORD.has(code) ? text.locateKey(path) : span;
}

const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

function stepSchema(
  at: Resolution,
  name: string,
  step: StepSpec,
  compiled: CompiledSchema | undefined,
): StepSchema | undefined {
  const shape = recordsOf(at, name, step, compiled?.text.json);
  if (shape === undefined) return undefined;
  const { records, columns } = shape;
  if (columns !== undefined) {
    checkKey(at, name, step, columns);
    if (compiled !== undefined) checkCase(at, columns, compiled.text, records);
  }
  return { schema: compiled?.schema, records, columns, endless: compiled?.endless ?? [] };
}

function recordsOf(
  at: Resolution,
  name: string,
  step: StepSpec,
  json: JsonObject | undefined,
): { records: RecordsAt; columns: readonly string[] | undefined } | undefined {
  const path = ['steps', name, 'records'];
  if (json === undefined) {
    if (step.records === undefined) return { records: { kind: 'text' }, columns: ['text'] };
    at.error('E-P03', path, '"records" needs a schema', 'add "schema", or remove "records"');
    return undefined;
  }
  const found = findRecords(json, step.records);
  if (found.ok) return found.value;
  const span =
    step.records === undefined
      ? at.document.locate(['steps', name, 'schema'])
      : at.document.locate(path);
  at.errorAt('E-P03', span, found.error.message, found.error.help);
  return undefined;
}

function checkKey(at: Resolution, name: string, step: StepSpec, columns: readonly string[]): void {
  const path = ['steps', name, 'key'];
  for (const [i, column] of [step.key ?? []].flat().entries()) {
    if (columns.includes(column)) continue;
    const place = typeof step.key === 'string' ? path : [...path, i];
    at.error(
      'E-P04',
      place,
      `the records of step "${name}" have no column "${column}"`,
      columnHint(column, columns),
    );
  }
}

/** DuckDB does not tell columns apart by case. */
function checkCase(
  at: Resolution,
  columns: readonly string[],
  text: SchemaText,
  records: RecordsAt,
): void {
  const names = records.kind === 'array' ? records.property.split('.') : [];
  const toArray = names.flatMap((name) => ['properties', name]);
  const record = records.kind === 'object' ? toArray : [...toArray, 'items'];
  const seen = new Map<string, string>();
  for (const column of columns) {
    const twin = seen.get(column.toLowerCase());
    if (twin !== undefined) {
      at.errorAt(
        'E-Y35',
        text.locateKey([...record, 'properties', column]),
        `the columns "${twin}" and "${column}" differ only in case`,
        'rename one in the schema',
      );
    }
    seen.set(column.toLowerCase(), column);
  }
}
