import type { Json } from '../base/json.ts';
import { texts } from './check-secrets.ts';
import type { Path } from './parsed-document.ts';
import type { Resolution } from './resolution.ts';

/** Keys whose values are templates, or texts for people. */
const FREE = new Set(['query', 'system', 'description', 'title']);

/** Reports `{{…}}` where it would be taken as it is. */
export function checkPlainTexts(at: Resolution): void {
  for (const [path, text] of texts(at.spec as unknown as Json, [])) {
    const start = text.indexOf('{{');
    if (start === -1 || mayHoldBraces(path)) continue;
    const close = text.indexOf('}}', start);
    const span = at.document.locateIn(path, start, close === -1 ? text.length : close + 2);
    at.errorAt(
      'E-T68',
      span,
      `"${path.findLast((part) => typeof part === 'string')}" is not a template`,
      'only "query" and "system" are; write the value itself',
    );
  }
}

function mayHoldBraces(path: Path): boolean {
  if (path.some((part) => String(part).startsWith('x-')) || path[0] === 'params') return true;
  if (FREE.has(String(path.at(-1))) && !path.includes('schema')) return true;
  // Records written in the file are values: `input: [{…}]`, `from: [{…}]`, `exclude: [{…}]`.
  const [, , key, second, third] = path;
  if (key === 'input')
    return typeof second === 'number' || (second === 'from' && third !== undefined);
  return key === 'exclude' && path.length > 4 && third !== 'where' && third !== 'from';
}

/** Warns about sources and parameters that nothing reads. */
export function checkUnused(at: Resolution): void {
  for (const name of Object.keys(at.spec.params ?? {})) {
    if (at.used.has(`param ${name}`)) continue;
    const span = at.document.locateKey(['params', name]);
    at.warn('E-Y39', span, `no query uses the parameter "${name}"`, `write {{params.${name}}}`);
  }
  for (const name of Object.keys(at.spec.sources ?? {})) {
    if (at.used.has(`source ${name}`)) continue;
    const span = at.document.locateKey(['sources', name]);
    at.warn('E-Y39', span, `no step reads the source "${name}"`, 'remove it, or name it in a step');
  }
}
