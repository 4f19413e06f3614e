import type { AgentRun } from '../../src/agent/agent.ts';
import type { Json } from '../../src/base/json.ts';
import type { Share } from './figures.ts';

/** Of the values of an answer that are not null and not the input's own, those with a citation. */
export function cited(run: AgentRun, echoed: (path: string) => boolean = () => false): Share {
  const fields = new Map(run.output.grounding.map(({ field, citations }) => [field, citations]));
  const paths = leaves(run.output.structured, 'structured').filter((path) => !echoed(path));
  const right = paths.filter((path) => (fields.get(path)?.length ?? 0) > 0).length;
  return { right, of: paths.length };
}

/** Paths of all values that are not null. */
function leaves(value: Json, path: string): readonly string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((it: Json, at) => leaves(it, `${path}[${at}]`));
  if (typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([name, it]) =>
    it === undefined ? [] : leaves(it as Json, path + segment(name)),
  );
}

const segment = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

/** Addresses that are cited. */
export const citedUrls = (run: AgentRun): readonly string[] =>
  run.output.grounding.flatMap(({ citations }) => citations.map(({ url }) => url));
