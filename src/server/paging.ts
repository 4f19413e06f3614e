import { fail, ok, type Result } from '../base/result.ts';
import { invalid, type ApiError } from './api-error.ts';
import { RUN_ID } from './create-request.ts';

const LIMIT = { least: 1, most: 100, usual: 20 };

/** Which part of the list of runs is asked for. */
export function readRunPage(
  limit: string | undefined,
  cursor: string | undefined,
): Result<{ readonly limit: number; readonly before?: string }, ApiError> {
  const size = readLimit(limit);
  if (!size.ok) return size;
  if (cursor === undefined) return ok({ limit: size.value });
  return RUN_ID.test(cursor) ? ok({ limit: size.value, before: cursor }) : fail(NO_CURSOR);
}

/** Which part of the list of a run's events is asked for. */
export function readEventPage(
  limit: string | undefined,
  cursor: string | undefined,
): Result<{ readonly limit: number; readonly after: number }, ApiError> {
  const size = readLimit(limit);
  if (!size.ok) return size;
  if (cursor === undefined) return ok({ limit: size.value, after: 0 });
  if (!/^\d{1,15}$/u.test(cursor)) return fail(NO_CURSOR);
  return ok({ limit: size.value, after: Number(cursor) });
}

function readLimit(text: string | undefined): Result<number, ApiError> {
  if (text === undefined) return ok(LIMIT.usual);
  const limit = /^\d{1,4}$/u.test(text) ? Number(text) : NaN;
  if (limit >= LIMIT.least && limit <= LIMIT.most) return ok(limit);
  return fail(invalid(`limit must be a whole number from ${LIMIT.least} to ${LIMIT.most}.`));
}

const NO_CURSOR = invalid('cursor must be the nextCursor of the page before.');
