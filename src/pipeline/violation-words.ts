import type { Json } from '../base/json.ts';
import type { Path } from './parsed-document.ts';

const PARTS: Readonly<Record<string, { readonly name: string; readonly one: string }>> = {
  steps: { name: 'step', one: 'a step' },
  sources: { name: 'source', one: 'a source' },
  params: { name: 'parameter', one: 'a parameter' },
  agents: { name: 'agent', one: 'an agent' },
};

/** `a step` for the section `steps`. */
export const oneOf = (section: string): string => PARTS[section]?.one ?? 'a key';

/** ` in step "find"`, or nothing at the top level. */
export function within(path: Path): string {
  const part = PARTS[String(path[0])];
  if (part !== undefined && path.length > 1) return ` in ${part.name} "${path[1]}"`;
  return path.length === 0 ? '' : ` in "${path.at(-1)}"`;
}

/** `"query" in step "find"`: how a message names a value. */
export function named(path: Path): string {
  const last = path.findLast((part) => !/^\d+$/u.test(String(part)));
  if (last === undefined) return 'the file';
  const part = PARTS[String(path[0])];
  if (part !== undefined && path.length === 2) return `${part.name} "${path[1]}"`;
  return part === undefined ? `"${last}"` : `"${last}"${path.length > 1 ? within(path) : ''}`;
}

/** `a list`, `the text "x"`: what a value is, in the words of the file. */
export function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text ${shown(value)}` : String(value);
}

/** A value as it can be quoted in a message. */
export function shown(value: Json): string {
  if (typeof value === 'object') return kindOf(value);
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** What the types of a schema are called here: `text or a list`. */
export const typeWords = (types: readonly string[]): string =>
  types.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
