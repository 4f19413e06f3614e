import type { Secret } from './secret.ts';

/** Why a request gave no JSON. A closed union: callers switch on it. */
type HttpProblemKind =
  /** The caller's signal. */
  | 'aborted'
  /** Name not found, refused, TLS handshake failed, no connection in time. */
  | 'no-connection'
  /** The server's certificate is not one to trust. */
  | 'untrusted'
  /** The connection broke, or the body ended early. */
  | 'broken'
  /** No headers, or no next byte of the body, in time. */
  | 'timeout'
  | 'redirect'
  /** A status of 400 or more. */
  | 'status'
  | 'not-json'
  /** The body is compressed although identity was asked for. */
  | 'encoded'
  | 'too-large';

/** What the server said about an error, from either of the two envelopes in use. */
export interface ApiError {
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
}

/** A request that gave no usable answer, as a value. */
export interface HttpProblem {
  readonly kind: HttpProblemKind;
  /** For a person; without key, control characters and query strings. */
  readonly message: string;
  /**
   * Whether a byte of the request may have reached the server. Only `false` is sure: then the
   * request was certainly not processed.
   */
  readonly sent: boolean;
  readonly status?: number;
  readonly api?: ApiError;
  readonly retryAfterMs?: number;
  /** The beginning of a body that did not arrive whole. */
  readonly partial?: string;
}

/**
 * Text from outside made fit for a message: without the key, control and direction characters, on
 * one line, at most `limit` characters.
 */
export function maskedLine(text: string, secret: Secret | undefined, limit: number): string {
  const masked = secret === undefined ? text : secret.maskIn(text);
  const line = masked
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

const CONNECTING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ENETUNREACH: 'network unreachable',
  EHOSTUNREACH: 'host unreachable',
  ECONNRESET: 'connection closed while it was set up',
};

/** Codes of Node's TLS layer that mean the certificate, not the network, is the trouble. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ALTNAME|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|CRL/;

/** An error of the HTTP library, told apart by its code and by whether sending had begun. */
export function problemOf(error: unknown, origin: string, sent: boolean): HttpProblem {
  const code = codeOf(error);
  if (!sent) {
    if (CERTIFICATE.test(code)) {
      const message = `The certificate of ${origin} cannot be trusted (${code}).`;
      return { kind: 'untrusted', message, sent };
    }
    const why = CONNECTING[code] ?? 'the connection failed';
    return {
      kind: 'no-connection',
      message: `No connection to ${origin}: ${why}${inBrackets(code)}.`,
      sent,
    };
  }
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { kind: 'timeout', message: `${origin} did not answer in time.`, sent };
    case 'UND_ERR_BODY_TIMEOUT':
      return { kind: 'timeout', message: `The answer of ${origin} stopped in the middle.`, sent };
    default: {
      const message = `The connection to ${origin} broke before the answer was whole${inBrackets(code)}.`;
      return { kind: 'broken', message, sent };
    }
  }
}

const inBrackets = (code: string): string => (code === '' ? '' : ` (${code})`);

function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const PASSING_STATUS: ReadonlySet<number> = new Set([408, 409, 421, 425, 429, 499]);

/**
 * Whether a GET may work when it is sent again unchanged. An answer that is not JSON comes from
 * something in between and rarely mends itself; `oddAllowed` says whether to hope all the same.
 */
export function mayPass(problem: HttpProblem, oddAllowed: boolean): boolean {
  const { kind, status = 0 } = problem;
  if (kind === 'not-json' || kind === 'encoded') return oddAllowed;
  if (kind === 'status') {
    return (status >= 500 || PASSING_STATUS.has(status)) && !isCreditCode(problem.api?.code);
  }
  return kind === 'no-connection' || kind === 'broken' || kind === 'timeout';
}

/** Codes that say an account is out of money, whatever the status they come with. */
export const isCreditCode = (code: string | undefined): boolean =>
  code !== undefined && /CREDIT|BUDGET_EXCEEDED/.test(code);
