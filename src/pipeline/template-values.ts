import { isJsonObject, type Json } from '../base/json.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Frame, Read, RenderState, Write } from './template-types.ts';

/** A variable, resolved: where its value starts and which members lead to it. */
export interface Variable {
  readonly root: 'params' | 'row' | 'rows' | 'steps' | 'run' | 'element';
  /** Of an element: how many loops outward. */
  readonly up: number;
  readonly members: readonly string[];
  /** How many of `members` must exist; inside a value of a record, members may come and go. */
  readonly known: number;
  /** From the root, `*` for each element. */
  readonly path: readonly string[];
}

/**
 * Reads a variable. An unknown name is a problem; null is given back for the caller to judge.
 * `code` is that of the problem.
 */
export function readVariable(variable: Variable, code: 'E-T55' | 'E-T59'): Read {
  const { members, known } = variable;
  const start = startOf(variable);
  const steps = members.map((_, i) => pathTo(variable, i).join('.'));
  return (state) => {
    let value = start(state);
    if (value === undefined) return unavailable(state, variable, code);
    for (let i = 0; i < members.length; i++) {
      if (value === null) return null;
      const next = member(value, members[i] ?? '');
      if (next === undefined) {
        const mayLack = i >= known || state.known?.has(steps[i] ?? '') === true;
        if (mayLack && isJsonObject(value)) return null;
        return unknown(state, variable, i, value, code);
      }
      value = next;
    }
    return value;
  };
}

/** The path from the root to the member at a position. */
const pathTo = ({ members, path }: Variable, at: number): readonly string[] =>
  path.slice(0, path.length - members.length + at + 1);

function startOf({ root, up }: Variable): Read {
  switch (root) {
    case 'params':
      return ({ scope }) => scope.params;
    case 'row':
      return ({ scope }) => scope.row;
    case 'rows':
      return ({ scope }) => scope.rows;
    case 'steps':
      return ({ scope }) => scope.steps ?? {};
    case 'run':
      return ({ scope }) => scope.run;
    case 'element':
      return (state) => frameAt(state.frame, up)?.element;
  }
}

/** Own members of objects and lists only: nothing is ever looked up on a prototype. */
function member(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as { readonly [key: string]: Json | undefined })[key] ?? null;
}

function frameAt(frame: Frame | undefined, up: number): Frame | undefined {
  let found = frame;
  for (let i = 0; i < up; i++) found = found?.outer;
  return found;
}

/** `rows[3].name`: the variable as a person would say it, with the numbers of the round. */
export function nameOf(state: RenderState, path: readonly string[]): string {
  const indexes: number[] = [];
  for (let frame = state.frame; frame !== undefined; frame = frame.outer) {
    indexes.unshift(frame.index);
  }
  let name = '';
  for (const part of path) {
    if (part === '*') name += `[${indexes.shift() ?? 0}]`;
    else if (/^\d+$/u.test(part)) name += `[${part}]`;
    else name += name === '' ? part : `.${part}`;
  }
  return name;
}

export function problem(
  state: RenderState,
  code: DiagnosticCode,
  name: string,
  message: string,
  hint: string,
): undefined {
  state.problem ??= { code, message, name, hint, ...state.at };
  return undefined;
}

function unavailable(state: RenderState, variable: Variable, code: DiagnosticCode): undefined {
  const { root } = variable;
  const needs =
    root === 'row' ? 'the step has no input, or its batch is not 1' : 'the step has no input';
  const hint =
    root === 'row'
      ? 'add "input", without "batch", or write {{#each rows}}…{{/each}}'
      : 'add "input" to the step';
  return problem(state, code, root, `there is no "${root}" here: ${needs}`, hint);
}

function unknown(
  state: RenderState,
  variable: Variable,
  at: number,
  owner: Json,
  code: DiagnosticCode,
): undefined {
  const { members } = variable;
  const path = pathTo(variable, at);
  const name = nameOf(state, path);
  const shown = nameOf(state, path.slice(0, -1));
  if (!isJsonObject(owner)) {
    const message = `${name} does not exist: ${shown} is ${kindOf(owner)}`;
    return problem(
      state,
      code,
      name,
      message,
      `leave out ".${members[at] ?? ''}", or name another column`,
    );
  }
  const names = Object.keys(owner);
  const kind = shown === 'params' ? 'parameters' : shown === 'steps' ? 'steps' : 'columns';
  const hint = didYouMean(members[at] ?? '', names, kind);
  return problem(state, code, name, `${name} does not exist`, hint);
}

/** What a value is, in words, after "is". */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return isAbsent(value) ? 'empty' : 'text';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false' : 'an object';
}

/** Null and text without a visible character: nothing that a query could say. */
export const isAbsent = (value: Json): boolean =>
  value === null || (typeof value === 'string' && !/\S/u.test(value));

/** What `{{#if}}` takes for false, as in Handlebars: also `false`, 0 and a list without elements. */
export const isFalsy = (value: Json): boolean =>
  value === false || value === 0 || isAbsent(value) || (Array.isArray(value) && value.length === 0);

/** How problems and hints call a value. */
export interface Called {
  readonly path: readonly string[];
  /** As the template has it. */
  readonly written: string;
}

/** Writes a value as text. */
export function writeText(read: Read, called: Called): Write {
  return (state) => {
    const value = read(state);
    if (typeof value === 'string' && /\S/u.test(value)) state.out += value;
    else if (typeof value === 'number' && Number.isFinite(value)) state.out += plainNumber(value);
    else if (value !== undefined) noText(state, value, called);
  };
}

/** The problem of a value that cannot stand in a sentence. */
export function noText(state: RenderState, value: Json, { path, written }: Called): undefined {
  const name = nameOf(state, path);
  if (isAbsent(value)) {
    const is = value === null ? `${name} has no value` : `${name} is empty`;
    const hint = `write {{default ${written} "…"}}, or put the part that needs it inside {{#if ${written}}}…{{/if}}`;
    return problem(state, 'E-T61', name, is, hint);
  }
  return problem(
    state,
    'E-T62',
    name,
    `${name} is ${kindOf(value)}, not text`,
    textHint(value, written),
  );
}

function textHint(value: Json, name: string): string {
  if (typeof value === 'boolean') return `write {{#if ${name}}}…{{else}}…{{/if}}`;
  if (Array.isArray(value)) return `write {{#each ${name}}}{{this}}{{/each}} or {{json ${name}}}`;
  const [property] = isJsonObject(value) ? Object.keys(value) : [];
  return property === undefined
    ? `write {{json ${name}}}`
    : `name a property of it, such as ${name}.${property}, or write {{json ${name}}}`;
}

/** Without an exponent: 1e21 as 1000000000000000000000. */
function plainNumber(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/u.exec(text);
  if (match === null) return text;
  const [, sign = '', first = '', rest = '', exponent = ''] = match;
  const digits = first + rest;
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`;
  return sign + digits.padEnd(shift + 1, '0');
}
