import { html, inline, type Content, type Html } from './docs-html.ts';
import {
  asNode,
  child,
  describe,
  items,
  members,
  referenceName,
  type DocsNode,
} from './docs-node.ts';

/** The anchor of a named schema. */
export const schemaAnchor = (name: string): string => `schema-${name}`;

/** A table of the properties of an object schema, or nothing when it names none. */
export function propertyTable(document: DocsNode, schema: DocsNode): Html | undefined {
  const properties = members(schema, 'properties');
  if (properties.length === 0) return undefined;
  const required = new Set(items(schema, 'required'));
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Type</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${properties.map(
          ([name, property]) =>
            html`<tr>
              <th scope="row">
                <code>${name}</code>${required.has(name) ? html` <em>required</em>` : undefined}
              </th>
              <td>${typeOf(property)}</td>
              <td>${inline(describe(document, property))}${limits(property)}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The type of a schema in a few words, with links to the schemas it names. */
export function typeOf(schema: DocsNode): Html {
  const name = referenceName(schema);
  if (name !== undefined) return html`<a href="#${schemaAnchor(name)}">${name}</a>`;
  if (schema['const'] !== undefined) return literal(schema['const']);
  const alternatives = items(schema, 'anyOf').map(asNode);
  if (alternatives.length > 0) return html`${joined(alternatives.map(typeOf))}`;
  const { type } = schema;
  const types = Array.isArray(type) ? type.map(String) : [typeof type === 'string' ? type : 'any'];
  return html`${joined(
    types.map((each) =>
      each === 'array' ? html`list of ${typeOf(child(schema, 'items'))}` : html`${each}`,
    ),
  )}`;
}

/** What a value must keep to, beyond its type. */
export function limits(schema: DocsNode): Html | undefined {
  const found: Content[] = [];
  const values = items(schema, 'enum');
  if (values.length > 0) found.push(html`One of ${values.map((v, i) => spaced(literal(v), i))}.`);
  for (const [key, say] of LIMITS) {
    const value = schema[key];
    if (value !== undefined) found.push(say(value));
  }
  if (found.length === 0) return undefined;
  return html`<ul class="limits">
    ${found.map((limit) => html`<li>${limit}</li>`)}
  </ul>`;
}

const LIMITS: readonly (readonly [string, (value: unknown) => Html])[] = [
  ['format', (value) => html`Format ${literal(value)}.`],
  ['pattern', (value) => html`Matches ${literal(value)}.`],
  ['minimum', (value) => html`At least ${literal(value)}.`],
  ['maximum', (value) => html`At most ${literal(value)}.`],
  ['minLength', (value) => html`Length at least ${literal(value)}.`],
  ['maxLength', (value) => html`Length at most ${literal(value)}.`],
  ['maxItems', (value) => html`At most ${literal(value)} items.`],
  ['maxProperties', (value) => html`At most ${literal(value)} keys.`],
  ['default', (value) => html`${literal(value)} when it is not given.`],
];

const literal = (value: unknown): Html =>
  html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`;

const spaced = (content: Html, index: number): Html => (index === 0 ? content : html`, ${content}`);

const joined = (contents: readonly Html[]): readonly Html[] =>
  contents.map((content, i) => (i === 0 ? content : html` or ${content}`));
