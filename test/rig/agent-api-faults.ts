import type { ServerResponse } from 'node:http';

/** One request that goes wrong. `processed` says whether the server did its work all the same. */
export type Fault =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly processed?: boolean;
    }
  /** The right status and this text in place of the answer. */
  | {
      readonly type: 'text';
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset, before or after the work. */
  | { readonly type: 'reset'; readonly processed: boolean }
  /** Nothing more ever comes: no headers, or the body's first characters (half of it). */
  | { readonly type: 'stall'; readonly at: 'headers' | 'body'; readonly keep?: number }
  /**
   * The connection closes after the body's first characters (half of it), where its length was
   * announced, it came in chunks, or only the end of the connection is to end it.
   */
  | {
      readonly type: 'cut';
      readonly framing: 'length' | 'chunks' | 'close';
      readonly keep?: number;
    }
  /** The right answer, but not before that. */
  | { readonly type: 'late'; readonly until: Promise<void> }
  /** A body that goes on until the client hangs up. */
  | { readonly type: 'endless' }
  /** The answer, changed. */
  | { readonly type: 'change'; readonly change: (answer: Record<string, unknown>) => unknown };

/** Whether the request's work is to be done before it goes wrong. */
export function isProcessed(fault: Fault): boolean {
  if (fault.type === 'status') return fault.processed === true;
  return fault.type !== 'reset' || fault.processed;
}

/** Answers in the way of `fault`; `text` is the answer that would have been right. */
export function answerWithFault(response: ServerResponse, fault: Fault, text: string): void {
  switch (fault.type) {
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(bodyOf(fault.body));
      return;
    case 'text':
      response.writeHead(200, { 'content-type': 'application/json', ...fault.headers });
      response.end(fault.text);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stall':
      if (fault.at === 'body') startBody(response, text, fault.keep, 'length');
      return;
    case 'cut':
      startBody(response, text, fault.keep, fault.framing);
      // The half that was written must leave before the connection does.
      setImmediate(() => response.socket?.end());
      return;
    case 'late':
      void fault.until.then(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(text);
      });
      return;
    case 'endless':
      endless(response);
      return;
    case 'change':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(fault.change(JSON.parse(text) as Record<string, unknown>)));
      return;
  }
}

const bodyOf = (body: unknown): string =>
  typeof body === 'string' ? body : JSON.stringify(body ?? {});

function startBody(
  response: ServerResponse,
  text: string,
  keep: number = text.length >> 1,
  framing: 'length' | 'chunks' | 'close',
): void {
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  const length = framing === 'length' ? { 'content-length': Buffer.byteLength(text) } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...length });
  response.write(text.slice(0, keep));
}

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    if (!response.destroyed) response.write(chunk, more);
  };
  more();
}
