import { isUtf8 } from 'node:buffer';
import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { invalid, type ApiError } from './api-error.ts';

/** No limit is published for the hosted agent; this is room for some ten thousand records. */
export const MAX_BODY_BYTES: number = 4 * 2 ** 20;

const TOO_LARGE = `The body has more than ${MAX_BODY_BYTES / 2 ** 20} MiB`;

/** The JSON of a request's body. A form or a plain text, which any web page may send, is refused. */
export async function readJsonRequest(request: Request): Promise<Result<Json, ApiError>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json *(?:;|$)/iu.test(type)) {
    return fail(invalid('The Content-Type must be application/json.'));
  }
  const body = await readBytes(request).catch(() => 'broken' as const);
  if (body === 'broken') return fail(invalid('The body did not arrive whole.'));
  if (body === undefined) return fail(invalid(`${TOO_LARGE}.`));
  // Decoding would put other characters in the place of what is none, and a run would be asked that.
  if (!isUtf8(body)) return fail(invalid('The body is not UTF-8.'));
  const parsed = parseJsonBody(body);
  return parsed.ok ? ok(parsed.value) : fail(invalid(`The request has ${parsed.error}.`));
}

/** Undefined when it is too large; what is behind the limit is not read. */
async function readBytes(request: Request): Promise<Buffer | undefined> {
  const length = request.headers.get('content-length');
  // The parser of HTTP holds a body to the length that it announces.
  if (length !== null) {
    return Number(length) > MAX_BODY_BYTES ? undefined : Buffer.from(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
  }
  return Buffer.concat(chunks);
}
