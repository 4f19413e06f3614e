import { asNode, child, items, members, resolve, text, type DocsNode } from './docs-node.ts';

/** An operation of the document with what its path declares for all operations. */
export interface DocsOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly node: DocsNode;
  /** Its own parameters and those of its path, without references. */
  readonly parameters: readonly DocsNode[];
}

export interface CurlExample {
  readonly title: string;
  readonly command: string;
}

/**
 * Commands to paste into a shell: one for each example of the request, and one that asks for a
 * stream where there is one. Address and token are shell variables, so that no page carries a token.
 */
export function curlExamples(document: DocsNode, operation: DocsOperation): readonly CurlExample[] {
  const body = child(child(operation.node, 'requestBody'), 'content');
  const bodies = members(child(body, 'application/json'), 'examples').map(([, example]) =>
    resolve(document, example),
  );
  const success = resolve(document, child(child(operation.node, 'responses'), '200'));
  const streams = Object.hasOwn(child(success, 'content'), 'text/event-stream');
  const [first] = bodies;
  return [
    ...(bodies.length === 0 ? [{ title: 'Request', command: curl(operation) }] : []),
    ...bodies.map((example) => ({
      title: `Request: ${text(example, 'summary')}`,
      command: curl(operation, { body: example['value'] }),
    })),
    ...(streams
      ? [
          {
            title: 'Request: as a stream',
            command: curl(operation, { body: first?.['value'], stream: true }),
          },
        ]
      : []),
  ];
}

interface CurlOptions {
  readonly body?: unknown;
  readonly stream?: boolean;
}

function curl(operation: DocsOperation, { body, stream = false }: CurlOptions = {}): string {
  const { method, path, node, parameters } = operation;
  const filled = path.replace(/\{(?<name>[^}]+)\}/gu, (whole, name: string) => {
    const example = parameters.find((each) => each['name'] === name)?.['example'];
    return typeof example === 'string' ? encodeURIComponent(example) : whole;
  });
  const needsKey = !('security' in node) || items(node, 'security').map(asNode).length > 0;
  const lines = [
    `curl ${stream ? '-N' : '-s'}${method === 'GET' ? '' : ` -X ${method}`} "$FIELDWORK_URL${filled}"`,
    ...(needsKey ? ['-H "x-api-key: $FIELDWORK_TOKEN"'] : []),
    ...(stream ? ['-H "Accept: text/event-stream"'] : []),
    ...(body === undefined
      ? []
      : ['-H "Content-Type: application/json"', `-d ${quoted(JSON.stringify(body, null, 2))}`]),
  ];
  return lines.join(' \\\n  ');
}

/** Text as one word of a POSIX shell. */
const quoted = (words: string): string => `'${words.replaceAll("'", String.raw`'\''`)}'`;
