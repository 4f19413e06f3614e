import { canonicalJson, isJsonObject, type Json } from '../base/json.ts';
import type { AgentRequest } from './agent.ts';
import type { Interaction } from './cassette.ts';

/** The longest piece of a request that a message quotes. */
const QUOTE_LENGTH = 80;

/** A sentence or two for whoever asks for what was not recorded. */
export function missMessage(
  request: AgentRequest,
  interactions: readonly Interaction[],
  sameParent: (interaction: Interaction) => boolean,
): string {
  const nearest = nearestTo(request, interactions);
  if (nearest === undefined) return 'No recording for this request: the cassettes are empty.';
  const { cassette, line } = nearest.place;
  const differences = differencesOf(nearest.request, request, sameParent(nearest));
  return `No recording for this request. The nearest one (${cassette}, line ${line}) has another ${differences.join('; another ')}.`;
}

/** What differs, field by field, as ends of a sentence; never empty for different requests. */
function differencesOf(
  recorded: AgentRequest,
  asked: AgentRequest,
  sameParent: boolean,
): readonly string[] {
  const found: string[] = [];
  for (const field of ['query', 'systemPrompt'] as const) {
    const [a = '', b = ''] = [recorded[field], asked[field]];
    if (a !== b) found.push(`${field} (${words(a, b)})`);
  }
  for (const field of ['effort', 'input', 'outputSchema'] as const) {
    const first = firstDifference(jsonOf(recorded[field]), jsonOf(asked[field]), field);
    if (first !== undefined) found.push(first);
  }
  if (!sameParent) found.push('run to continue (previousRunId)');
  return found;
}

/** The words between what two texts have in common at both ends. */
function words(recorded: string, asked: string): string {
  const a = recorded.split(/\s+/);
  const b = asked.split(/\s+/);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end++;
  }
  const middle = (all: readonly string[]): string =>
    quoted(all.slice(start, all.length - end).join(' '));
  return recordedAndAsked(middle(a), middle(b));
}

/** The first place, in the order of keys, where two values differ. */
function firstDifference(
  recorded: Json | undefined,
  asked: Json | undefined,
  path: string,
): string | undefined {
  if (textOf(recorded) === textOf(asked)) return undefined;
  for (const [key, inside] of sharedPlaces(recorded, asked, path)) {
    const first = firstDifference(memberOf(recorded, key), memberOf(asked, key), inside);
    if (first !== undefined) return first;
  }
  return `${path} (${recordedAndAsked(shown(recorded), shown(asked))})`;
}

/** The members to look into: none unless both are objects, or both are lists. */
function sharedPlaces(
  a: Json | undefined,
  b: Json | undefined,
  path: string,
): readonly (readonly [key: string | number, path: string])[] {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, i) => [i, `${path}[${i}]`] as const);
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return [];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)].sort());
  return [...keys].map((key) => [key, `${path}.${key}`] as const);
}

const memberOf = (value: Json | undefined, key: string | number): Json | undefined =>
  value === null || typeof value !== 'object'
    ? undefined
    : (value as Readonly<Record<string | number, Json | undefined>>)[key];

const jsonOf = (value: AgentRequest[keyof AgentRequest]): Json | undefined =>
  value as Json | undefined;

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : canonicalJson(value);

const shown = (value: Json | undefined): string =>
  value === undefined
    ? 'nothing'
    : typeof value === 'string'
      ? quoted(value)
      : cut(canonicalJson(value));

const quoted = (text: string): string => (text === '' ? 'nothing' : `"${cut(text)}"`);

const cut = (text: string): string =>
  text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;

const recordedAndAsked = (recorded: string, asked: string): string =>
  `recorded: ${recorded}, asked: ${asked}`;

/** The recording that has most in common with a request; of equals the first. */
function nearestTo(
  request: AgentRequest,
  interactions: readonly Interaction[],
): Interaction | undefined {
  const asked = bagsOf(request);
  let best: Interaction | undefined;
  let bestLikeness = -1;
  for (const interaction of interactions) {
    const likeness = likenessOf(asked, bagsOf(interaction.request));
    if (likeness <= bestLikeness) continue;
    [best, bestLikeness] = [interaction, likeness];
  }
  return best;
}

interface Bags {
  readonly query: ReadonlyMap<string, number>;
  readonly input: ReadonlyMap<string, number>;
  readonly rest: readonly (string | undefined)[];
}

function bagsOf(request: AgentRequest): Bags {
  const { query, input, systemPrompt, effort, outputSchema } = request;
  return {
    query: bagOf(query),
    input: bagOf(textOf(jsonOf(input)) ?? ''),
    rest: [systemPrompt, effort, textOf(outputSchema)],
  };
}

/** Query and input say what a request is about; the rest says how. */
const likenessOf = (a: Bags, b: Bags): number =>
  4 * overlap(a.query, b.query) +
  2 * overlap(a.input, b.input) +
  a.rest.filter((text, i) => text === b.rest[i]).length / 2;

function bagOf(text: string): ReadonlyMap<string, number> {
  const bag = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    bag.set(word, (bag.get(word) ?? 0) + 1);
  }
  return bag;
}

/** The share of words that two texts have in common (Dice's coefficient), from 0 to 1. */
function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let [shared, total] = [0, 0];
  for (const [word, count] of a) {
    shared += Math.min(count, b.get(word) ?? 0);
    total += count;
  }
  for (const count of b.values()) total += count;
  return total === 0 ? 1 : (2 * shared) / total;
}
