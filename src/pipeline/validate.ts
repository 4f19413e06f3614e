import { readFile } from 'node:fs/promises';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { closest } from '../diagnostics/suggest.ts';
import type { ParsedDocument } from './parsed-document.ts';
import { explainViolation, pathOf, type Violation } from './schema-violation.ts';
import { BrokenParts, soundPart, type Misfit, type SoundPart } from './sound-part.ts';
import type { PipelineSpec, PricesSpec, ProjectSpec } from './spec.ts';

const PIPELINE_SCHEMA = new URL('../../schemas/pipeline.schema.json', import.meta.url);
const PROJECT_SCHEMA = new URL('../../schemas/project.schema.json', import.meta.url);

const PRICES_SCHEMA = new URL('../../schemas/prices.schema.json', import.meta.url);
const PLAN_SCHEMA = new URL('../../schemas/plan.schema.json', import.meta.url);

let pipelineCheck: ValidateFunction<PipelineSpec> | undefined;
let projectCheck: ValidateFunction<ProjectSpec> | undefined;

/**
 * Checks the shape of a pipeline file. Every violation is reported, each at its own place; `sound`
 * is what can be looked at further.
 */
export async function validatePipeline(
  document: ParsedDocument,
): Promise<{ readonly problems: readonly Diagnostic[]; readonly sound: SoundPart | undefined }> {
  pipelineCheck ??= await compile<PipelineSpec>(PIPELINE_SCHEMA);
  const checked = check('pipeline', pipelineCheck, document);
  if (checked.ok) {
    return { problems: [], sound: { spec: checked.value, broken: new BrokenParts() } };
  }
  const problems = checked.error;
  // A file of another version is not wrong in its other parts, only different.
  if (problems.some(({ code }) => code === 'E-Y41')) return { problems, sound: undefined };
  const misfits = (pipelineCheck.errors ?? []).flatMap((error) => misfitOf(error) ?? []);
  return { problems, sound: soundPart(document.value, misfits) };
}

/** The keys that the mapping of an error may have. */
const keysOf = ({ parentSchema }: ErrorObject): readonly string[] =>
  Object.keys((parentSchema as { readonly properties?: object } | undefined)?.properties ?? {});

/** Where something does not fit; undefined for a summary of other errors, and for names. */
function misfitOf(error: ErrorObject): Misfit | undefined {
  const { keyword, instancePath, params, propertyName } = error;
  if (propertyName !== undefined) return undefined;
  const path = pathOf(instancePath);
  switch (keyword) {
    case 'if':
    case 'not':
      return undefined;
    case 'propertyNames':
      return path.includes('metadata') ? { path } : undefined;
    case 'required':
      return { path: [...path, String(params['missingProperty'])] };
    case 'additionalProperties':
      return { path: [...path, String(params['additionalProperty'])], known: keysOf(error) };
    default:
      return { path };
  }
}

/** Checks the shape of a project file. */
export async function validateProject(
  document: ParsedDocument,
): Promise<Result<ProjectSpec, Diagnostic[]>> {
  projectCheck ??= await compile<ProjectSpec>(PROJECT_SCHEMA);
  return check('project', projectCheck, document);
}

/** Checks the shape of a price book. */
export async function validatePrices(
  document: ParsedDocument,
): Promise<Result<PricesSpec, Diagnostic[]>> {
  return check('prices', await compile<PricesSpec>(PRICES_SCHEMA), document);
}

/** What of a plan file does not fit its schema, for a person: the first of all. */
export async function planFileMistake(content: Json): Promise<string | undefined> {
  const check = await compile(PLAN_SCHEMA);
  if (check(content)) return undefined;
  const [first] = check.errors ?? [];
  const place = first?.instancePath === '' ? '' : `${first?.instancePath ?? ''} `;
  return `${place}${first?.message ?? 'does not fit'}`;
}

/** The published schema itself does the checking, so an editor and the program never disagree. */
async function compile<T>(file: URL): Promise<ValidateFunction<T>> {
  // Loaded here, as it takes 100 ms and many commands read no pipeline.
  const { Ajv } = await import('ajv');
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    ownProperties: true,
  });
  // What a message says is expected where the keywords of JSON Schema would be hard to read.
  ajv.addKeyword('x-expected');
  return ajv.compile<T>(JSON.parse(await readFile(file, 'utf8')) as object);
}

function check<T>(
  file: 'pipeline' | 'project' | 'prices',
  validate: ValidateFunction<T>,
  document: ParsedDocument,
): Result<T, Diagnostic[]> {
  const { value } = document;
  if (validate(value)) return ok(value);
  const errors = onePerValue(validate.errors ?? []);
  const found = errors.flatMap((error) => {
    const diagnostic = explainViolation(document, file, {
      keyword: error.keyword,
      pointer: error.instancePath,
      params: error.params as Violation['params'],
      schema: error.schema as Json,
      parentSchema: (error.parentSchema ?? {}) as Violation['parentSchema'],
      data: error.data as Json,
      ofName: error.propertyName !== undefined,
    });
    return diagnostic === undefined ? [] : [diagnostic];
  });
  const version = found.filter(({ code }) => code === 'E-Y41');
  return fail(version.length > 0 ? version : found);
}

/** What is wrong with the keys of a mapping; each is a mistake of its own. */
const ABOUT_KEYS: ReadonlySet<string> = new Set([
  'required',
  'additionalProperties',
  'propertyNames',
]);

/**
 * Of several violations by one value the first says enough. A key that is missing because it is
 * misspelt is said once.
 */
function onePerValue(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const seen = new Set<string>();
  const misspelt = new Set(
    errors.flatMap((error) => {
      if (error.keyword !== 'additionalProperties') return [];
      const meant = closest(String(error.params['additionalProperty']), keysOf(error));
      return meant === undefined ? [] : [`${error.instancePath}/${meant}`];
    }),
  );
  return errors.filter(({ keyword, instancePath, propertyName, params }) => {
    if (misspelt.has(`${instancePath}/${String(params['missingProperty'])}`)) return false;
    if (ABOUT_KEYS.has(keyword) || propertyName !== undefined) return true;
    if (seen.has(instancePath)) return false;
    seen.add(instancePath);
    return true;
  });
}
