import { curlExamples, type DocsOperation } from './docs-curl.ts';
import { html, inline, prose, type Html } from './docs-html.ts';
import { asNode, child, describe, members, resolve, text, type DocsNode } from './docs-node.ts';
import { limits, propertyTable, typeOf } from './docs-schema.ts';

/** The section of one operation: what it is for, what it takes, what it answers, how to try it. */
export function operationSection(document: DocsNode, operation: DocsOperation): Html {
  const { id, method, path, node } = operation;
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h3 id="${id}-title">${text(node, 'summary')}</h3>
    <p class="route"><span class="method">${method}</span> <code>${path}</code></p>
    ${prose(text(node, 'description'))} ${parameterTable(operation)} ${bodyPart(document, node)}
    ${responseTable(document, node)}
    ${curlExamples(document, operation).map(({ title, command }) => listing(title, command))}
    ${responseExamples(document, node)}
  </section>`;
}

function parameterTable({ parameters }: DocsOperation): Html | undefined {
  if (parameters.length === 0) return undefined;
  return html`<h4>Parameters</h4>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Where</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${parameters.map((parameter) => {
            const schema = child(parameter, 'schema');
            return html`<tr>
              <th scope="row">
                <code>${text(parameter, 'name')}</code>${
                  parameter['required'] === true ? html` <em>required</em>` : undefined
                }
              </th>
              <td>${text(parameter, 'in')}</td>
              <td>${typeOf(schema)}</td>
              <td>${inline(text(parameter, 'description'))}${limits(schema)}</td>
            </tr> `;
          })}
        </tbody>
      </table>
    </div>`;
}

function bodyPart(document: DocsNode, node: DocsNode): Html | undefined {
  const body = child(node, 'requestBody');
  const schema = child(child(child(body, 'content'), 'application/json'), 'schema');
  const table = propertyTable(document, resolve(document, schema));
  if (table === undefined) return undefined;
  return html`<h4>Request body</h4>
    ${prose(text(body, 'description'))} ${table}`;
}

function responseTable(document: DocsNode, node: DocsNode): Html {
  return html`<h4>Responses</h4>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Body</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${members(node, 'responses').map(([status, reference]) => {
            const response = resolve(document, reference);
            return html`<tr>
              <th scope="row"><code>${status}</code></th>
              <td>
                ${members(response, 'content').map(
                  ([type, content]) =>
                    html`<div><code>${type}</code> ${typeOf(child(content, 'schema'))}</div>`,
                )}
              </td>
              <td>${inline(describe(document, reference))}</td>
            </tr> `;
          })}
        </tbody>
      </table>
    </div>`;
}

function responseExamples(document: DocsNode, node: DocsNode): readonly Html[] {
  const success = resolve(document, child(child(node, 'responses'), '200'));
  return members(success, 'content').flatMap(([, content]) =>
    Object.values(child(content, 'examples')).map((reference) => {
      const example = resolve(document, asNode(reference));
      const { value } = example;
      const shown = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
      return listing(`Response: ${text(example, 'summary')}`, shown);
    }),
  );
}

const listing = (title: string, code: string): Html =>
  html`<details>
    <summary>${title}</summary>
    <pre tabindex="0"><code>${code}</code></pre>
  </details> `;
