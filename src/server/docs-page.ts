import type { DocsOperation } from './docs-curl.ts';
import { html, inline, prose, type Html } from './docs-html.ts';
import { asNode, child, items, members, resolve, text, type DocsNode } from './docs-node.ts';
import { operationSection } from './docs-operation.ts';
import { limits, propertyTable, schemaAnchor, typeOf } from './docs-schema.ts';
import { DOCS_POLICY, DOCS_STYLE } from './docs-style.ts';

/**
 * An OpenAPI 3.1 document as a page to read. The page is whole in itself: it loads nothing, runs no
 * script, and says so in a content security policy. Whatever the document holds stays text.
 */
export function docsPage(document: unknown): string {
  const root = asNode(document);
  const info = child(root, 'info');
  const groups = groupsOf(root);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${DOCS_POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${text(info, 'title')}</title>
        ${DOCS_STYLE}
      </head>
      <body>
        <a class="skip" href="#content">To the content</a>
        <div class="page">
          ${navigation(root, groups)}
          <main id="content">
            <h1>${text(info, 'title')}</h1>
            <p class="lead">${text(info, 'summary')} Version ${text(info, 'version')}.</p>
            ${prose(text(info, 'description'))} ${authentication(root)}
            ${groups.map(
              ({ name, description, operations }) =>
                html`<h2>${name}</h2>
                  ${prose(description)}
                  ${operations.map((operation) => operationSection(root, operation))}`,
            )}
            <h2>Schemas</h2>
            ${schemas(root).map(([name, schema]) => schemaSection(root, name, schema))}
          </main>
        </div>
      </body>
    </html> `;
  return page.markup;
}

interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly DocsOperation[];
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** The operations by their first tag, in the order of the document's tags. */
function groupsOf(root: DocsNode): readonly Group[] {
  const operations = members(root, 'paths').flatMap(([path, item]) =>
    members({ item }, 'item')
      .filter(([method]) => METHODS.includes(method))
      .map(([method, node]): DocsOperation => ({
        id: text(node, 'operationId'),
        method: method.toUpperCase(),
        path,
        node,
        parameters: [...items(item, 'parameters'), ...items(node, 'parameters')].map((parameter) =>
          resolve(root, asNode(parameter)),
        ),
      })),
  );
  return items(root, 'tags')
    .map(asNode)
    .map((tag) => ({
      name: text(tag, 'name'),
      description: text(tag, 'description'),
      operations: operations.filter(({ node }) => items(node, 'tags')[0] === tag['name']),
    }));
}

const schemas = (root: DocsNode): readonly (readonly [string, DocsNode])[] =>
  members(child(root, 'components'), 'schemas');

function navigation(root: DocsNode, groups: readonly Group[]): Html {
  const link = (anchor: string, label: string): Html =>
    html`<li><a href="#${anchor}">${label}</a></li> `;
  return html`<nav aria-label="Contents">
    <ul>
      ${link('authentication', 'Authentication')}
    </ul>
    ${groups.map(
      ({ name, operations }) =>
        html`<h2>${name}</h2>
          <ul>
            ${operations.map(({ id, node }) => link(id, text(node, 'summary')))}
          </ul> `,
    )}
    <details>
      <summary>Schemas</summary>
      <ul>
        ${schemas(root).map(([name]) => link(schemaAnchor(name), name))}
      </ul>
    </details>
  </nav>`;
}

function authentication(root: DocsNode): Html {
  const schemes = members(child(root, 'components'), 'securitySchemes');
  return html`<section id="authentication">
    <h2>Authentication</h2>
    ${prose('Either of these. The commands below read the address and the token from `FIELDWORK_URL` and `FIELDWORK_TOKEN`.')}
    <dl>
      ${schemes.map(
        ([name, scheme]) =>
          html`<dt><code>${text(scheme, 'name') || name}</code></dt>
            <dd>${inline(text(scheme, 'description'))}</dd> `,
      )}
    </dl>
  </section>`;
}

function schemaSection(root: DocsNode, name: string, schema: DocsNode): Html {
  const anchor = schemaAnchor(name);
  const table = propertyTable(root, schema);
  return html`<section id="${anchor}" aria-labelledby="${anchor}-title">
    <h3 id="${anchor}-title">${name}</h3>
    ${prose(text(schema, 'description'))} ${table ?? html`<p>Type: ${typeOf(schema)}</p>`}
    ${table === undefined ? limits(schema) : undefined}
  </section> `;
}
