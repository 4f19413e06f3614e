/** A response as it went over the wire. */
export interface SeenResponse {
  readonly method: string;
  /** Path and query, as the client wrote them. */
  readonly path: string;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False when the client went away before the end. */
  readonly complete: boolean;
}

/** The media type of a response, without its parameters. */
export const mediaType = ({ headers }: SeenResponse): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** The path alone, with doubled slashes as one, as the server reads it. */
export const pathOf = ({ path }: SeenResponse): string =>
  (path.split('?')[0] ?? '').replace(/\/{2,}/gu, '/');
