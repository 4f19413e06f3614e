import type { Json } from '../base/json.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { closest, didYouMean } from '../diagnostics/suggest.ts';
import type { ParsedDocument, Path } from './parsed-document.ts';
import { choiceHint, missingKeyHint, rangeHint, valueHint } from './violation-hints.ts';
import { kindOf, named, oneOf, shown, typeWords, within } from './violation-words.ts';

/** One complaint of the schema's validator, without the validator's own types. */
export interface Violation {
  readonly keyword: string;
  /** JSON Pointer of the value. */
  readonly pointer: string;
  readonly params: Readonly<Record<string, Json | undefined>>;
  /** The value of the keyword in the schema, and the schema around it. */
  readonly schema: Json;
  readonly parentSchema: Readonly<Record<string, Json | undefined>>;
  readonly data: Json;
  /** True for what `propertyNames` says of a key; a summary of it follows. */
  readonly ofName: boolean;
}

/** A violation with what its explanation needs. */
interface Situation extends Violation {
  readonly document: ParsedDocument;
  readonly file: 'pipeline' | 'project' | 'prices';
  readonly path: Path;
}

const NAME_RULE = 'use small letters, digits and _, starting with a letter, at most 48 characters';

/** Settings of an agent, which a pipeline must not carry. */
const AGENT_SETTINGS: ReadonlySet<string> = new Set([
  'api',
  'api_key',
  'apikey',
  'base_url',
  'baseurl',
  'endpoint',
  'env',
  'headers',
  'host',
  'key_env',
  'proxy',
  'url',
]);

/** Says what is wrong in the words of the file. Undefined where another violation says it. */
export function explainViolation(
  document: ParsedDocument,
  file: 'pipeline' | 'project' | 'prices',
  violation: Violation,
): Diagnostic | undefined {
  const situation = { ...violation, document, file, path: pathOf(violation.pointer) };
  if (violation.ofName) return undefined;
  switch (violation.keyword) {
    case 'if':
    case 'not':
      return undefined;
    case 'required':
      return missingKey(situation);
    case 'additionalProperties':
      return unknownKey(situation);
    case 'propertyNames':
      return badName(situation);
    default:
      return badValue(situation);
  }
}

/** The segments of a JSON Pointer. */
export const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

const asText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function missingKey({ document, path, params, parentSchema }: Situation): Diagnostic {
  const key = asText(params['missingProperty']);
  const span = document.locateKey(path);
  if (key === 'version' && path.length === 0) {
    const help = 'write "version: 1" in the first line';
    return errorAt('E-Y41', span, 'the version is missing', help);
  }
  return errorAt(
    'E-Y26',
    span,
    `the key "${key}" is missing${within(path)}`,
    missingKeyHint(key, parentSchema),
  );
}

function unknownKey({ document, file, path, params, parentSchema }: Situation): Diagnostic {
  const key = asText(params['additionalProperty']);
  const span = document.locateKey([...path, key]);
  if (file === 'pipeline' && AGENT_SETTINGS.has(key.toLowerCase())) {
    return errorAt(
      'E-Y43',
      span,
      `a pipeline cannot set "${key}"`,
      'declare the agent in fieldwork.yaml under "agents" and name it here',
    );
  }
  const known = Object.keys((parentSchema['properties'] ?? {}) as object);
  const help = didYouMean(key, known, 'known keys');
  return errorAt('E-Y25', span, `unknown key "${key}"${within(path)}`, help);
}

function badName({ document, path, params, data }: Situation): Diagnostic {
  const name = asText(params['propertyName']);
  const span = document.locateKey([...path, name]);
  if (path.at(-1) === 'metadata') {
    return name.startsWith('fieldwork.')
      ? errorAt(
          'E-Y50',
          span,
          'names that start with "fieldwork." are kept for Fieldwork',
          `rename it, such as "${name.slice('fieldwork.'.length) || 'team'}"`,
        )
      : errorAt(
          'E-Y50',
          span,
          'a name of metadata has 1 to 128 characters',
          'write a short name, such as "team", and the rest as its value',
        );
  }
  const twin = Object.keys(data as object).find(
    (other) => other !== name && other.toLowerCase() === name.toLowerCase(),
  );
  if (twin !== undefined) {
    return errorAt('E-Y35', span, `"${name}" and "${twin}" differ only in case`, 'rename one');
  }
  const message = `"${name}" cannot be the name of ${oneOf(String(path.at(-1)))}`;
  return errorAt('E-Y34', span, message, NAME_RULE);
}

function badValue(situation: Situation): Diagnostic {
  const { path } = situation;
  const [first] = path;
  if (path.length === 0) return notAMapping(situation);
  if (path.includes('metadata') && path.length >= 3) return expected('E-Y50', situation);
  if (first === 'params') return expected('E-P09', situation);
  if (path.length === 1) {
    if (first === 'version') return badVersion(situation);
    if (first === 'name' && situation.keyword === 'pattern') return expected('E-Y34', situation);
    if (first === 'steps' && situation.keyword === 'maxProperties') return tooManySteps(situation);
  }
  return byKeyword(situation);
}

function byKeyword(situation: Situation): Diagnostic {
  switch (situation.keyword) {
    case 'type':
      return wrongType(situation);
    case 'enum':
    case 'const':
      return notAllowed(situation);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return outOfRange(situation);
    default:
      return expected('E-Y26', situation);
  }
}

function notAMapping({ document, data }: Situation): Diagnostic {
  const message = `the file must be a mapping of keys to values, not ${kindOf(data)}`;
  return errorAt('E-Y09', document.locate([]), message, 'start with "version: 1"');
}

function tooManySteps({ document, path, schema }: Situation): Diagnostic {
  const message = `the pipeline has more than ${asText(schema)} steps`;
  return errorAt('E-Y40', document.locateKey(path), message, 'split it into several pipelines');
}

function badVersion({ document, path, data }: Situation): Diagnostic {
  const newer = typeof data === 'number' && data > 1;
  return errorAt(
    'E-Y41',
    document.locate(path),
    `version ${shown(data)} is not supported; this release reads version 1`,
    newer ? 'install a newer Fieldwork, or write "version: 1"' : 'write "version: 1"',
  );
}

function wrongType(situation: Situation): Diagnostic {
  const { document, path, data, schema } = situation;
  const types = [schema].flat();
  const isNumber = types.includes('number') || types.includes('integer');
  if (isNumber && typeof data === 'string' && /^-?\d+(?:\.\d+)?$/u.test(data)) {
    const message = `${named(path)} is a number written as text`;
    return errorAt('E-Y29', document.locate(path), message, `remove the quotes: ${data}`);
  }
  return expected('E-Y26', situation);
}

function notAllowed(situation: Situation): Diagnostic {
  const { document, path, data, schema } = situation;
  const allowed = allowedWords(schema);
  const meant = typeof data === 'string' ? closest(data, allowed) : undefined;
  return errorAt(
    'E-Y27',
    document.locate(path),
    `${named(path)}: ${shown(data)} is not one of ${allowed.join(', ')}`,
    meant === undefined ? choiceHint(situation) : `did you mean "${meant}"?`,
  );
}

const allowedWords = (schema: Json): readonly string[] =>
  [schema].flat().map((value) => asText(value as Json));

const LIMITS = [
  ['minimum', 'at least'],
  ['exclusiveMinimum', 'more than'],
  ['maximum', 'at most'],
  ['exclusiveMaximum', 'less than'],
] as const;

function outOfRange(situation: Situation): Diagnostic {
  const { document, path, data, parentSchema } = situation;
  const limits = LIMITS.flatMap(([keyword, words]) => {
    const limit = parentSchema[keyword];
    return limit === undefined ? [] : [`${words} ${asText(limit)}`];
  });
  return errorAt(
    path.at(-1) === 'maximum_attempts' ? 'E-Y49' : 'E-Y30',
    document.locate(path),
    `${named(path)} is ${shown(data)}, but must be ${limits.join(' and ')}`,
    rangeHint(situation),
  );
}

/** `"ttl" in step "find": expected …`, at the value; at its key where nothing is written. */
function expected(code: DiagnosticCode, situation: Situation): Diagnostic {
  const { document, path, data, keyword } = situation;
  const value = document.locate(path);
  const span = value.end > value.start ? value : document.locateKey(path);
  const got =
    keyword === 'type'
      ? `, got ${kindOf(data)}`
      : keyword === 'pattern'
        ? `, got ${shown(data)}`
        : '';
  return errorAt(
    code,
    span,
    `${named(path)}: ${expectation(situation)}${got}`,
    expectedHint(situation),
  );
}

function expectedHint(situation: Situation): string {
  const { keyword, data, schema } = situation;
  if (keyword !== 'enum') return valueHint(situation);
  const meant = typeof data === 'string' ? closest(data, allowedWords(schema)) : undefined;
  return meant === undefined ? choiceHint(situation) : `did you mean "${meant}"?`;
}

function expectation({ keyword, schema, parentSchema, params, data }: Situation): string {
  const words = parentSchema['x-expected'];
  switch (keyword) {
    case 'maxLength':
      return `more than ${asText(schema)} characters`;
    case 'uniqueItems':
      return `entries ${Number(params['j']) + 1} and ${Number(params['i']) + 1} are equal`;
    case 'enum':
      return `${shown(data)} is not one of ${allowedWords(schema).join(', ')}`;
    default:
  }
  if (words !== undefined) return `expected ${asText(words)}`;
  switch (keyword) {
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'it is empty';
    case 'maxItems':
    case 'maxProperties':
      return `more than ${asText(schema)} entries`;
    case 'type':
      return `expected ${typeWords(allowedWords(schema))}`;
    default:
      return 'the value is not allowed';
  }
}
