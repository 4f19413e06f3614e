import { createHash } from 'node:crypto';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { docsPage } from '../../src/server/docs-page.ts';
import { openApiDocument, operations } from './contract/openapi-document.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Read {
  readonly elements: readonly Element[];
  /** Elements that the parser had to close by itself. */
  readonly unclosed: readonly string[];
  readonly text: string;
}

/** The page as a browser would take it apart. */
function read(page: string): Read {
  const elements: Element[] = [];
  const unclosed: string[] = [];
  let text = '';
  const parser = new Parser({
    onopentag: (name, attributes) => void elements.push({ name, attributes }),
    onclosetag: (name, isImplied) => {
      if (isImplied && !['meta', 'br'].includes(name)) unclosed.push(name);
    },
    ontext: (piece) => {
      text += piece;
    },
  });
  parser.end(page);
  return { elements, unclosed, text };
}

const attribute = ({ elements }: Read, name: string): readonly string[] =>
  elements.flatMap(({ attributes }) => attributes[name] ?? []);

/** Markup with white space between tags as one blank, so that layout of the source does not count. */
const flat = (markup: string): string => markup.replace(/\s+/gu, ' ');

describe('the page of our document', () => {
  const markup = docsPage(openApiDocument);
  const page = read(markup);

  test('is well-formed, in English, and has one title', () => {
    expect(markup.startsWith('<!doctype html>')).toBe(true);
    expect(page.unclosed).toEqual([]);
    expect(page.elements.filter(({ name }) => name === 'h1')).toHaveLength(1);
    expect(page.elements.find(({ name }) => name === 'html')?.attributes['lang']).toBe('en');
  });

  test('has a section for every operation and schema, and every link leads somewhere', () => {
    const ids = attribute(page, 'id');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(operations.map(({ operation }) => operation['operationId'])),
    );
    const links = attribute(page, 'href');
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter((link) => !ids.includes(link.slice(1)) || !link.startsWith('#'))).toEqual(
      [],
    );
  });

  test('loads nothing and runs nothing', () => {
    const names = new Set(page.elements.map(({ name }) => name));
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'form', 'base']) {
      expect(names).not.toContain(name);
    }
    expect(attribute(page, 'src')).toEqual([]);
    expect(attribute(page, 'style')).toEqual([]);
    expect(page.elements.flatMap(({ attributes }) => Object.keys(attributes))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^on/u)]),
    );
    expect(markup).not.toMatch(/@import|url\(/u);
  });

  test('allows its own style sheet by digest and nothing else', () => {
    const style = /<style>(?<style>[^<]*)<\/style>/u.exec(markup)?.groups?.['style'] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    const policy = page.elements.find(({ attributes }) => 'http-equiv' in attributes)?.attributes;
    expect(policy).toEqual({
      'http-equiv': 'Content-Security-Policy',
      content: `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    });
  });

  test('shows a field with its type, its limits and its meaning', () => {
    expect(flat(markup)).toContain(
      flat(`<th scope="row">
                <code>maxCostDollars</code>
              </th>
              <td>number</td>
              <td>The agent run ends with what it has before it costs more than this.<ul class="limits">
    <li>At least <code>1</code>.</li><li>At most <code>100</code>.</li>
  </ul></td>`),
    );
  });

  test('gives commands to paste, also for a stream', () => {
    expect(page.text).toContain(
      `curl -s -X POST "$FIELDWORK_URL/agent/runs" \\
  -H "x-api-key: $FIELDWORK_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
  "query": "Which countries border Austria?"
}'`,
    );
    expect(page.text).toContain(
      `curl -N "$FIELDWORK_URL/agent/runs/agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9/events" \\
  -H "x-api-key: $FIELDWORK_TOKEN" \\
  -H "Accept: text/event-stream"`,
    );
    expect(page.text).toContain('curl -s "$FIELDWORK_URL/healthz"\n'.trim());
    expect(page.text).not.toContain('curl -s "$FIELDWORK_URL/healthz" \\');
  });
});

test('a small document gives this text', () => {
  const page = read(
    docsPage({
      info: { title: 'Shop', version: '3', summary: 'Things to buy.', description: 'One.\n\nTwo.' },
      tags: [{ name: 'Things', description: 'All of them.' }],
      paths: {
        '/things/{id}': {
          parameters: [{ $ref: '#/components/parameters/Id' }],
          put: {
            tags: ['Things'],
            operationId: 'putThing',
            summary: 'Put a thing',
            description: 'Puts `it`.',
            requestBody: {
              description: 'The thing.',
              content: {
                'application/json': {
                  schema: { $ref: '#/components/schemas/Thing' },
                  examples: { one: { summary: 'A lamp', value: { name: "the miner's lamp" } } },
                },
              },
            },
            responses: { 200: { description: 'Done.', content: {} } },
          },
        },
      },
      components: {
        parameters: {
          Id: {
            name: 'id',
            in: 'path',
            required: true,
            description: 'Which.',
            schema: { type: 'integer', minimum: 1 },
            example: '7',
          },
        },
        schemas: {
          Thing: {
            description: 'A thing.',
            required: ['name'],
            properties: {
              name: { type: 'string', description: 'What it is called.' },
              tags: { type: 'array', items: { type: 'string' }, description: 'Words.' },
              size: { description: 'How big.', enum: ['s', null], default: 's' },
            },
          },
        },
      },
    }),
  );
  const text = page.text.slice(page.text.indexOf('All of them.')).trim();
  expect(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ).toEqual([
    'All of them.',
    'Put a thing',
    'PUT /things/{id}',
    'Puts it. Parameters',
    'Name',
    'Where',
    'Type',
    'Meaning',
    'id required',
    'path',
    'integer',
    'Which.',
    'At least 1.',
    'Request body',
    'The thing.',
    'Field',
    'Type',
    'Meaning',
    'name required',
    'string',
    'What it is called.',
    'tags',
    'list of string',
    'Words.',
    'size',
    'any',
    'How big.',
    'One of s, null.s when it is not given.',
    'Responses',
    'Status',
    'Body',
    'Meaning',
    '200',
    'Done.',
    'Request: A lamp',
    String.raw`curl -s -X PUT "$FIELDWORK_URL/things/7" \ `.trim(),
    String.raw`-H "x-api-key: $FIELDWORK_TOKEN" \ `.trim(),
    String.raw`-H "Content-Type: application/json" \ `.trim(),
    "-d '{",
    String.raw`"name": "the miner'\''s lamp"`,
    "}'",
    'Schemas',
    'Thing',
    'A thing.',
    'Field',
    'Type',
    'Meaning',
    'name required',
    'string',
    'What it is called.',
    'tags',
    'list of string',
    'Words.',
    'size',
    'any',
    'How big.',
    'One of s, null.s when it is not given.',
  ]);
});

test('whatever a document holds stays text', () => {
  const evil = `</style><script>alert(1)</script><img src=x onerror='x'>" onclick="x" &amp; \`<b>\``;
  const hostile = {
    info: { title: evil, version: evil, summary: evil, description: evil },
    tags: [{ name: evil, description: evil }],
    paths: {
      [`/${evil}/{id}`]: {
        get: {
          tags: [evil],
          operationId: evil,
          summary: evil,
          description: evil,
          parameters: [
            { name: 'id', in: evil, example: evil, description: evil, schema: { enum: [evil] } },
          ],
          requestBody: {
            description: evil,
            content: {
              'application/json': {
                schema: { properties: { [evil]: { type: evil, const: evil, pattern: evil } } },
                examples: { [evil]: { summary: evil, value: { [evil]: evil } } },
              },
            },
          },
          responses: {
            200: {
              description: evil,
              content: { [evil]: { examples: { a: { summary: evil, value: evil } } } },
            },
          },
        },
      },
    },
    components: {
      schemas: { [evil]: { type: [evil], description: evil, default: evil } },
      securitySchemes: { [evil]: { description: evil } },
    },
  };
  const page = read(docsPage(hostile));
  const names = new Set(page.elements.map(({ name }) => name));
  expect([names.has('script'), names.has('img'), names.has('b')]).toEqual([false, false, false]);
  expect(page.elements.filter(({ name }) => name === 'style')).toHaveLength(1);
  const attributes = new Set(page.elements.flatMap(({ attributes: found }) => Object.keys(found)));
  expect([...attributes].sort()).toEqual(
    [
      'aria-label',
      'aria-labelledby',
      'charset',
      'class',
      'content',
      'href',
      'http-equiv',
      'id',
      'lang',
      'name',
      'scope',
      'tabindex',
    ].sort(),
  );
  expect(page.unclosed).toEqual([]);
  // As text it is all there: the backticks of the prose are the only characters that are used up.
  expect(page.text.split('<script>alert(1)</script>').length).toBeGreaterThan(20);
});

test.each([[undefined], [null], ['text'], [[]], [{}], [{ paths: [], components: 7, tags: 'x' }]])(
  'a document that is none (%j) still gives a page',
  (document) => {
    const page = read(docsPage(document));
    expect(page.unclosed).toEqual([]);
    expect(page.text).toContain('Schemas');
  },
);
