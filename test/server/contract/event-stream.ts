/** One event as it came over the wire. */
interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

export interface ReadStream {
  readonly frames: readonly Frame[];
  /** What does not fit the framing that both official SDKs need; one sentence each. */
  readonly violations: readonly string[];
}

const FRAME = /^id: (?<id>[^\n]+)\nevent: (?<event>[^\n]+)\ndata: (?<data>[^\n]+)$/u;

/**
 * Reads an event stream more narrowly than a browser would: line feeds only, the lines `id`,
 * `event` and `data` once each in this order, `data` a JSON object on one line, comments of their own.
 *
 * @param complete false when the reader went away: the last frame may then be cut short.
 */
export function readEventStream(text: string, complete = true): ReadStream {
  const parts = text.split('\n\n');
  const rest = parts.pop() ?? '';
  const violations: string[] = [];
  if (text.includes('\r')) violations.push('The stream has a carriage return.');
  if (complete && rest !== '') violations.push(`The stream ends within ${JSON.stringify(rest)}.`);
  const frames: Frame[] = [];
  for (const part of parts) {
    if (part.split('\n').every((line) => line.startsWith(':'))) continue;
    const frame = readFrame(part);
    if (frame === undefined) violations.push(`No frame: ${JSON.stringify(part.slice(0, 200))}`);
    else frames.push(frame);
  }
  if (!rising(frames.map(({ id }) => Number(id)))) {
    violations.push(`The ids do not rise: ${frames.map(({ id }) => id).join(', ')}.`);
  }
  return { frames, violations };
}

function readFrame(part: string): Frame | undefined {
  const { id = '', event = '', data = '' } = FRAME.exec(part)?.groups ?? {};
  const value = parsed(data);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { id, event, data: value } : undefined;
}

const rising = (ids: readonly number[]): boolean =>
  ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? Infinity));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
