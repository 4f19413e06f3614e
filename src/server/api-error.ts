import type { JsonObject } from '../base/json.ts';

/** The contract's kinds of errors. */
type ApiErrorType =
  'INVALID_REQUEST' | 'AUTHENTICATION_ERROR' | 'RATE_LIMIT_ERROR' | 'NOT_FOUND' | 'SERVER_ERROR';

type ApiErrorCode =
  | 'INVALID_REQUEST'
  | 'MISSING_BETA_HEADER'
  | 'INVALID_BETA_HEADER'
  | 'INVALID_OUTPUT_SCHEMA'
  | 'INVALID_DATA_SOURCE'
  | 'PREVIOUS_RUN_NOT_FOUND'
  | 'PREVIOUS_RUN_NOT_COMPLETED'
  | 'TEAM_NOT_FOUND'
  | 'RUN_NOT_FOUND'
  | 'CONCURRENCY_LIMIT_REACHED'
  /** Ours: too many wrong keys in a second. The hosted agent's gateway uses the name too. */
  | 'RATE_LIMIT_EXCEEDED'
  | 'TIMEOUT'
  | 'SERVER_ERROR';

/** Why a request is not carried out, as its caller is told. */
export interface ApiError {
  readonly status: 400 | 401 | 403 | 404 | 408 | 429 | 431 | 500 | 503;
  readonly type: ApiErrorType;
  readonly code: ApiErrorCode;
  readonly message: string;
  /** The list of issues, as JSON in a string: the SDKs expect a string here. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One thing that is wrong with a body. */
export interface Issue {
  readonly code:
    | 'invalid_type'
    | 'invalid_value'
    | 'too_small'
    | 'too_big'
    | 'invalid_format'
    | 'unrecognized_keys'
    | 'invalid_schema';
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** For unknown keys: which. */
  readonly keys?: readonly string[];
}

export const invalid = (message: string, code: ApiErrorCode = 'INVALID_REQUEST'): ApiError => ({
  status: 400,
  type: 'INVALID_REQUEST',
  code,
  message,
});

/** For a body with several things wrong: the first one in words, and all of them in `detail`. */
export function invalidBody(
  issues: readonly [Issue, ...Issue[]],
  code: ApiErrorCode = 'INVALID_REQUEST',
): ApiError {
  const [first, ...rest] = issues;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more, see detail)`;
  return { ...invalid(`${first.message}${more}`, code), detail: JSON.stringify(issues) };
}

export const runNotFound = (id: string): ApiError => ({
  status: 404,
  type: 'NOT_FOUND',
  code: 'RUN_NOT_FOUND',
  message: `There is no agent run ${id}.`,
});

export const serverError = (message: string): ApiError => ({
  status: 500,
  type: 'SERVER_ERROR',
  code: 'SERVER_ERROR',
  message,
});

/** The server is going down. A caller may ask the next one. */
export const goingDown: ApiError = {
  ...serverError('The server is shutting down.'),
  status: 503,
  headers: { 'retry-after': '2' },
};

/** The body of an error response. */
export const errorBody = (
  { type, code, message, detail }: ApiError,
  requestId: string,
): JsonObject => ({
  error: { type, code, message, ...(detail !== undefined && { detail }), requestId },
});
