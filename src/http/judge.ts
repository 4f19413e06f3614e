import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { retryAfterMs } from './backoff.ts';
import type { BaseUrl } from './base-url.ts';
import type { ExchangeEnd, Reply } from './exchange.ts';
import { parseApiError, parseJsonBody } from './json-body.ts';
import { maskedLine, problemOf, type ApiError, type HttpProblem } from './problem.ts';
import type { Secret } from './secret.ts';

/** An answer with a status from 200 to 299 and a JSON body. */
export interface HttpAnswer {
  readonly status: number;
  readonly json: Json;
  readonly retryAfterMs?: number;
  /** The header `Date`: the server's clock, to the second. */
  readonly date?: string;
}

/** What a message about a request may mention, and what it must not. */
export interface Asked {
  readonly base: BaseUrl;
  readonly key: Secret | undefined;
  /** Method and path, for people. */
  readonly what: string;
  readonly nowMs: number;
}

/** A server's wish that we wait is granted up to this. */
const LONGEST_RETRY_AFTER_MS = 600_000;
/** As much of a useless body as is kept. */
const PARTIAL_LENGTH = 400;

export const aborted = (sent: boolean): HttpProblem => ({
  kind: 'aborted',
  message: 'The request was given up.',
  sent,
});

/** Tells an answer from everything else that can come back. */
export function judge(end: ExchangeEnd, asked: Asked): Result<HttpAnswer, HttpProblem> {
  const { origin } = asked.base;
  switch (end.type) {
    case 'reply':
      return judgeReply(end.reply, asked);
    case 'aborted':
      return fail(aborted(end.sent));
    case 'too-large': {
      const message = `The answer of ${origin} to ${asked.what} is larger than one body may be.`;
      return fail({ kind: 'too-large', message, sent: true, status: end.status });
    }
    case 'error': {
      const problem = problemOf(end.error, origin, end.sent);
      if (end.reply === undefined) return fail(problem);
      return fail({ ...problem, status: end.reply.status, partial: startOf(end.reply) });
    }
  }
}

function judgeReply(reply: Reply, asked: Asked): Result<HttpAnswer, HttpProblem> {
  const { status } = reply;
  const sent = true;
  if (status >= 300 && status < 400) {
    return fail({ kind: 'redirect', message: redirectMessage(reply, asked), sent, status });
  }
  const encoded = (headerOf(reply, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity';
  const wait = retryAfterMs(headerOf(reply, 'retry-after'), asked.nowMs);
  const waiting = wait !== undefined && { retryAfterMs: Math.min(wait, LONGEST_RETRY_AFTER_MS) };
  const json = encoded ? fail('a compressed body') : parseJsonBody(reply.body);
  if (status >= 400) {
    const api = cleanError(parseApiError(json.ok ? json.value : undefined), asked.key);
    return fail({
      kind: 'status',
      message: statusMessage(reply, asked, api),
      sent,
      status,
      api,
      ...waiting,
    });
  }
  const { origin } = asked.base;
  if (encoded) {
    const message = `${origin} compressed its answer to ${asked.what} although it was asked not to.`;
    return fail({ kind: 'encoded', message, sent, status });
  }
  if (json.ok) {
    const date = headerOf(reply, 'date');
    return ok({ status, json: json.value, ...waiting, ...(date !== undefined && { date }) });
  }
  const start = maskedLine(startOf(reply), asked.key, 200);
  const message = `${origin} answered ${asked.what} with ${json.error}${start && `: ${start}`}`;
  return fail({ kind: 'not-json', message, sent, status, partial: startOf(reply) });
}

const startOf = (reply: Reply): string => reply.body.toString('utf8', 0, PARTIAL_LENGTH);

/** Names where the redirect leads, without its query: that is where secrets hide. */
function redirectMessage(reply: Reply, asked: Asked): string {
  const { origin, path } = asked.base;
  const location = headerOf(reply, 'location') ?? '';
  const target = URL.canParse(location, origin + path) ? new URL(location, origin + path) : null;
  const place = target === null ? 'somewhere else' : `${target.origin}${target.pathname}`;
  const where = maskedLine(place, asked.key, 200);
  return `${origin} redirects ${asked.what} to ${where}; redirects are not followed.`;
}

function statusMessage(reply: Reply, asked: Asked, api: ApiError): string {
  const request = headerOf(reply, 'x-request-id');
  const notes = [
    api.code,
    request !== undefined && /^[\w-]{1,64}$/.test(request) ? `request ${request}` : undefined,
  ].filter((note) => note !== undefined);
  const said = api.message === undefined ? '' : `: ${api.message}`;
  const noted = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const text = `${asked.base.origin} answered ${asked.what} with status ${reply.status}${said}${noted}`;
  return maskedLine(text, asked.key, 700);
}

function cleanError(api: ApiError, key: Secret | undefined): ApiError {
  return {
    ...(api.type !== undefined && { type: maskedLine(api.type, key, 64) }),
    ...(api.code !== undefined && { code: maskedLine(api.code, key, 64) }),
    ...(api.message !== undefined && { message: maskedLine(api.message, key, 400) }),
  };
}

function headerOf(reply: Reply, name: string): string | undefined {
  const value = reply.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
