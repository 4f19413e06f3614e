import type { Grounding } from '../agent/agent.ts';
import { citedSource } from '../agent/citation-link.ts';
import { parseGroundingPath } from '../agent/grounding-path.ts';
import type { RecordsAt } from '../pipeline/pipeline.ts';

type Confidence = 'low' | 'medium' | 'high';

/** A source of a field, or a confidence in it that names no source. */
export interface CitedField {
  readonly record_index: number | null;
  /** Path below the record, such as `address.city`; null for the record as a whole. */
  readonly field: string | null;
  /** Safe to follow: on the web, or `corpus://` for a place in the local agent's corpus. */
  readonly url: string | null;
  readonly host: string | null;
  /** What the agent gave where that is not `url` as it stands: to be read, never to be followed. */
  readonly cited_text: string | null;
  readonly title: string | null;
  readonly confidence: string | null;
}

export interface RecordCitations {
  readonly fields: readonly CitedField[];
  /** The lowest of all; undefined where no grounding says one. */
  readonly confidence: Confidence | undefined;
}

export interface AnswerCitations {
  /** By the record's place in the answer. */
  readonly records: ReadonlyMap<number, RecordCitations>;
  /** What supports the answer and no one record; their `field` is the whole path. */
  readonly whole: readonly CitedField[];
}

/** The groundings of an answer, sorted by the record that they are about. */
export function citationsByRecord(at: RecordsAt, grounding: readonly Grounding[]): AnswerCitations {
  const records = new Map<number, { fields: CitedField[]; confidence: Confidence | undefined }>();
  const whole: CitedField[] = [];
  const prefix = prefixOf(at);
  for (const item of grounding) {
    const target = targetOf(at, prefix, item.field);
    if (target === undefined) {
      addFields(item, null, item.field, whole);
      continue;
    }
    let cited = records.get(target.index);
    if (cited === undefined)
      records.set(target.index, (cited = { fields: [], confidence: undefined }));
    addFields(item, target.index, target.field, cited.fields);
    cited.confidence = lowest(cited.confidence, item.confidence ?? undefined);
  }
  return { records, whole };
}

const prefixOf = (at: RecordsAt): readonly string[] =>
  at.kind === 'text' ? [] : ['structured', ...(at.kind === 'array' ? at.property.split('.') : [])];

interface Target {
  readonly index: number;
  readonly field: string | null;
}

/** The record and field a path leads to; undefined where it leads to no one record. */
function targetOf(at: RecordsAt, prefix: readonly string[], field: string): Target | undefined {
  const path = parseGroundingPath(field);
  if (path === undefined) return undefined;
  if (at.kind === 'text') return path[0] === 'text' ? { index: 0, field: 'text' } : undefined;
  if (prefix.some((segment, i) => path[i] !== segment)) return undefined;
  const rest = path.slice(prefix.length);
  if (at.kind === 'object') return rest.length === 0 ? undefined : { index: 0, field: below(rest) };
  const [index, ...inside] = rest;
  return typeof index === 'number' ? { index, field: below(inside) } : undefined;
}

/** Segments as one path: `a.b[0]`, with names that are no words as `["a name"]`. */
function below(segments: readonly (string | number)[]): string | null {
  if (segments.length === 0) return null;
  return segments
    .map((segment) => {
      if (typeof segment === 'number') return `[${segment}]`;
      return /^[^.[\]"]+$/u.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
    })
    .join('')
    .replace(/^\./u, '');
}

function addFields(
  { citations, confidence = null }: Grounding,
  record_index: number | null,
  field: string | null,
  into: CitedField[],
): void {
  if (citations.length === 0) {
    const nothing = { url: null, host: null, cited_text: null, title: null };
    into.push({ record_index, field, ...nothing, confidence });
  }
  for (const { url: given, title = null } of citations) {
    const { url, text: cited_text } = citedSource(given);
    const host = url === null ? null : hostOf(url);
    into.push({ record_index, field, url, host, cited_text, title, confidence });
  }
}

/** The host of an address, in small letters. */
const hostOf = (url: string): string | null =>
  /^[a-z]+:\/\/(\[[^\]]+\]|[^/?#:]+)/iu.exec(url)?.[1]?.toLowerCase() ?? null;

const RANK = { low: 0, medium: 1, high: 2 } as const;

function lowest(a: Confidence | undefined, b: string | undefined): Confidence | undefined {
  if (b !== 'low' && b !== 'medium' && b !== 'high') return a;
  return a === undefined || RANK[b] < RANK[a] ? b : a;
}
