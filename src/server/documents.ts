import { readFile } from 'node:fs/promises';
import { docsPage } from './docs-page.ts';
import { DOCS_POLICY } from './docs-style.ts';

/** Lies beside the program in the package. */
const OPEN_API = new URL('../../schemas/openapi.json', import.meta.url);

/** What the server says of itself: the OpenAPI document, and a page made from it. */
export class Documents {
  #openApi: Promise<string> | undefined;
  #page: Promise<{ readonly html: string; readonly policy: string }> | undefined;

  openApi(): Promise<string> {
    this.#openApi ??= readFile(OPEN_API, 'utf8');
    return this.#openApi;
  }

  page(): Promise<{ readonly html: string; readonly policy: string }> {
    this.#page ??= this.openApi().then((text) => ({
      html: docsPage(JSON.parse(text)),
      policy: `${DOCS_POLICY}; frame-ancestors 'none'`,
    }));
    return this.#page;
  }
}
