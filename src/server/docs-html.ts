/** Markup that may be put into a page as it is. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

/** What a template takes: text is escaped, markup is not, undefined is nothing. */
export type Content = string | number | Html | undefined | readonly Content[];

/** A template for HTML: whatever is put into it as text stays text, between tags and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let markup = parts[0] ?? '';
  for (const [i, content] of contents.entries()) markup += rendered(content) + (parts[i + 1] ?? '');
  return { markup };
}

/** Plain text in which `code` is set between backticks and an empty line ends a paragraph. */
export function prose(text: string): Html {
  return html`${text.split(/\n{2,}/u).map((paragraph) => html`<p>${inline(paragraph)}</p>`)}`;
}

/** One line of such text. */
export function inline(text: string): Html {
  const pieces = text.split('`');
  // A backtick without its partner is a character like any other.
  if (pieces.length % 2 === 0) return html`${text}`;
  return html`${pieces.map((piece, i) => (i % 2 === 0 ? piece : html`<code>${piece}</code>`))}`;
}

function rendered(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  if (isList(content)) return content.map(rendered).join('');
  return content.markup;
}

const isList = (content: Html | readonly Content[]): content is readonly Content[] =>
  Array.isArray(content);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
