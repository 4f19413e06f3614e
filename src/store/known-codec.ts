import type { AnswerId, Known } from './store.ts';

/**
 * The value of the fingerprint index, in a fixed binary form, because a plan reads one for every
 * record and JSON would be most of its time.
 *
 *     u8   1 when there is an answer, plus 2 when the last attempt failed, plus 4 when it was charged,
 *          plus 8 when something was said of it
 *     u32  answer id, then texts: answeredAt, digest, agentRunId    (when there is an answer)
 *     texts: kind, at                                               (when it failed)
 *     text: message                                                 (when something was said)
 *
 * A text is one byte for its form and then its bytes. Times stay text: making one from a number
 * would take longer than all else of an entry.
 */
export type IndexEntry = Pick<Known, 'answer' | 'failed'>;

const HAS_ANSWER = 1;
const HAS_FAILED = 2;
const WAS_CHARGED = 4;
const HAS_MESSAGE = 8;

/** u32 length, then one byte a character. */
const LATIN1 = 0;
/** u32 length, then UTF-16: keeps any text, lone surrogates too. */
const UTF16 = 1;
/** 32 bytes, read as 64 hex digits. */
const DIGEST = 2;

export function packEntry({ answer, failed }: IndexEntry): Buffer {
  const parts: Buffer[] = [Buffer.alloc(1)];
  let flags = 0;
  if (answer !== undefined) {
    flags |= HAS_ANSWER;
    const id = Buffer.alloc(4);
    id.writeUInt32LE(answer.id);
    parts.push(id, packText(answer.answeredAt), packText(answer.digest));
    parts.push(packText(answer.agentRunId));
  }
  if (failed !== undefined) {
    flags |= failed.charged ? HAS_FAILED | WAS_CHARGED : HAS_FAILED;
    parts.push(packText(failed.kind), packText(failed.at));
    if (failed.message !== undefined) {
      flags |= HAS_MESSAGE;
      parts.push(packText(failed.message));
    }
  }
  parts[0]?.writeUInt8(flags);
  return Buffer.concat(parts);
}

function packText(text: string): Buffer {
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(`02${text}`, 'hex');
  const form = /^[\0-\xff]*$/.test(text) ? LATIN1 : UTF16;
  const body = Buffer.from(text, form === LATIN1 ? 'latin1' : 'utf16le');
  const head = Buffer.alloc(5, form);
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Reads an entry; throws a `RangeError` when the bytes are not one. */
export function unpackEntry(bytes: Buffer): IndexEntry {
  const flags = bytes.readUInt8(0);
  const reader = new TextReader(bytes, 1);
  let answer: Known['answer'];
  if ((flags & HAS_ANSWER) !== 0) {
    answer = {
      id: reader.uint32() as AnswerId,
      answeredAt: reader.text(),
      digest: reader.text(),
      agentRunId: reader.text(),
    };
  }
  let failed: Known['failed'];
  if ((flags & HAS_FAILED) !== 0) {
    failed = {
      kind: reader.text(),
      at: reader.text(),
      charged: (flags & WAS_CHARGED) !== 0,
      ...((flags & HAS_MESSAGE) !== 0 && { message: reader.text() }),
    };
  }
  return { answer, failed };
}

class TextReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  uint32(): number {
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  text(): string {
    const form = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    switch (form) {
      case DIGEST:
        return this.#take('hex', 32);
      case LATIN1:
        return this.#take('latin1', this.uint32());
      case UTF16:
        return this.#take('utf16le', this.uint32());
      default:
        throw new RangeError(`Unknown form of text: ${form}`);
    }
  }

  #take(encoding: 'hex' | 'latin1' | 'utf16le', length: number): string {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('Text reaches past the end of its entry');
    const text = this.#bytes.toString(encoding, this.#at, end);
    this.#at = end;
    return text;
  }
}
