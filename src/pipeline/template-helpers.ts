import type { Json } from '../base/json.ts';
import { DATE_PARTS, parseDate, type DateFormat } from './template-date.ts';
import type { Frame, Read, RenderState, Write } from './template-types.ts';
import {
  isAbsent,
  isFalsy,
  kindOf,
  nameOf,
  noText,
  problem,
  type Called,
} from './template-values.ts';

export const RENDER_LIMITS = {
  bytes: 32_768,
  /** Rounds of all loops together. */
  rounds: 100_000,
} as const;

export function writeIf(read: Read, yes: Write, no: Write): Write {
  return (state) => {
    const value = read(state);
    if (value !== undefined) (isFalsy(value) ? no : yes)(state);
  };
}

/** A list that is null or has no elements takes the `{{else}}` branch. */
export function writeEach(read: Read, called: Called, body: Write, other: Write): Write {
  return (state) => {
    const list = read(state);
    if (list === undefined) return;
    if (list === null || (Array.isArray(list) && list.length === 0)) {
      other(state);
    } else if (Array.isArray(list)) {
      writeRounds(state, list as readonly Json[], body);
    } else {
      const name = nameOf(state, called.path);
      const message = `"each" needs a list, and ${name} is ${kindOf(list)}`;
      const hint = `write {{${called.written}}} or {{json ${called.written}}} without {{#each}}`;
      problem(state, 'E-T62', name, message, hint);
    }
  };
}

function writeRounds(state: RenderState, list: readonly Json[], body: Write): void {
  const outer = state.frame;
  const frame: Frame = { element: null, index: 0, last: false, outer };
  state.frame = frame;
  for (let i = 0; i < list.length && state.problem === undefined; i++) {
    if (++state.rounds > RENDER_LIMITS.rounds) {
      const message = `the loops of the template go round more than ${RENDER_LIMITS.rounds} times`;
      problem(
        state,
        'E-T63',
        '',
        message,
        'loop over fewer records: set "limit" or a smaller "batch"',
      );
      return;
    }
    frame.element = list[i] ?? null;
    frame.index = i;
    frame.last = i === list.length - 1;
    body(state);
    if (state.out.length > RENDER_LIMITS.bytes) tooLong(state);
  }
  state.frame = outer;
}

/** Text as JSON, objects and lists included; null is written as `null`. */
export function writeJson(read: Read, called: Called): Write {
  return (state) => {
    const value = read(state);
    if (value === undefined) return;
    const text = jsonText(value);
    if (text !== undefined) state.out += text;
    else {
      const message = `${called.written} is nested too deeply`;
      const hint = `name a part of it, such as ${called.written}.name`;
      problem(state, 'E-T62', nameOf(state, called.path), message, hint);
    }
  };
}

function jsonText(value: Json): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only the stack can run out: JSON has no cycles.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The value, or the other one where it is null or empty. */
export function readDefault(read: Read, other: Read): Read {
  return (state) => {
    const value = read(state);
    return value !== undefined && isAbsent(value) ? other(state) : value;
  };
}

/** A value that may not be null or empty: the last one that was left to take. */
export function readPresent(read: Read, called: Called): Read {
  return (state) => {
    const value = read(state);
    return value !== undefined && isAbsent(value) ? noText(state, value, called) : value;
  };
}

/** A date as text in UTC. */
export function readDate(read: Read, called: Called, format: DateFormat): Read {
  return (state) => {
    const value = read(state);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || isAbsent(value)) {
      if (isAbsent(value)) return noText(state, value, called);
      return notDate(state, called, `${kindOf(value)}, not a date`);
    }
    const date = parseDate(value);
    if (date === undefined) return notDate(state, called, `"${excerpt(value)}", not a date`);
    if (date.precision < format.needs) {
      return notDate(state, called, `"${excerpt(value)}", less exact than the format`);
    }
    return format.format(date.time);
  };
}

function notDate(state: RenderState, { path }: Called, is: string): undefined {
  const name = nameOf(state, path);
  const hint = `dates are ISO 8601, such as 2026-11-22; formats are made of ${DATE_PARTS.join(' ')}`;
  return problem(state, 'E-T62', name, `${name} is ${is}`, hint);
}

/** Text of a record, fit for a message. */
const excerpt = (value: string): string => {
  const clean = value.replace(/[\p{C}\s]+/gu, ' ').trim();
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
};

export function tooLong(state: RenderState): void {
  const message = `the text is longer than ${RENDER_LIMITS.bytes / 1024} KB`;
  problem(
    state,
    'E-T63',
    '',
    message,
    'send the records as input and name only what the query needs',
  );
}
