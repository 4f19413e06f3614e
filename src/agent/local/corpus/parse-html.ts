import { Parser } from 'htmlparser2';
import type { Block, EmbeddedFact, Layout } from './document.ts';
import { Microdata } from './html-microdata.ts';
import { tableBlocks, type Cell } from './html-table.ts';
import { readJsonLd } from './json-ld.ts';
import { PlainText, wholeSpan } from './plain-text.ts';

/** Elements whose text nobody reads, or that repeat on every page. */
const UNREAD = new Set(
  'style noscript template svg math nav form button select iframe object canvas'.split(' '),
);
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
/** Elements that begin and end a line. */
const LINES = new Set(
  'address article aside blockquote body br center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 head header hr html li main ol p pre section summary table tbody td tfoot th thead title tr ul'.split(
    ' ',
  ),
);
const MAX_DEPTH = 400;

type Attributes = Readonly<Record<string, string>>;

interface OpenTable {
  rows: Cell[][];
  caption: string | undefined;
  /** What the text goes to after the table. */
  readonly outside: Sink;
}

interface Sink {
  readonly kind: 'flow' | 'cell' | 'label' | 'value' | 'heading' | 'caption' | 'title' | 'script';
  readonly text: PlainText;
  readonly level: number;
  readonly columns: number;
}

const sink = (kind: Sink['kind'], level = 0, columns = 1): Sink => ({
  kind,
  text: new PlainText(),
  level,
  columns,
});

/**
 * Takes HTML apart: what a reader sees, in order, and what its mark-up states beside it. `offset`
 * is where the HTML begins in its file.
 */
export function parseHtml(source: string, offset: number = 0): Layout {
  const reader = new HtmlReader();
  const parser: Parser = new Parser({
    onopentag: (name, attributes) => {
      const tag = source.slice(parser.startIndex, parser.endIndex + 1);
      reader.open(name, attributes, offset + parser.startIndex, tag);
    },
    ontext: (text) => {
      reader.text(text, offset + parser.startIndex, offset + parser.endIndex + 1);
    },
    onclosetag: (name) => {
      reader.close(name);
    },
  });
  parser.write(source);
  parser.end();
  return reader.layout(cutOff(source));
}

class HtmlReader {
  readonly #blocks: Block[] = [];
  readonly #embedded: EmbeddedFact[] = [];
  readonly #types: string[] = [];
  readonly #microdata = new Microdata();
  readonly #tables: OpenTable[] = [];
  #sink: Sink = sink('flow');
  #label: PlainText | undefined;
  /** Depth below which everything is unread. */
  #unread: number | undefined;
  #depth = 0;
  #things = 0;
  #title: Layout['title'];
  #named: Layout['title'];
  #url: string | undefined;
  #problem: string | undefined;

  open(name: string, attributes: Attributes, start: number, tag: string): void {
    if (!VOID.has(name)) this.#depth++;
    if (this.#unread !== undefined) return;
    if (this.#depth > MAX_DEPTH) this.#problem = 'its elements are nested too deeply';
    if (UNREAD.has(name) || isHidden(attributes) || this.#depth > MAX_DEPTH) {
      if (!VOID.has(name)) this.#unread = this.#depth;
      return;
    }
    this.#head(name, attributes, start, tag);
    if (LINES.has(name)) this.#beginLine(name, attributes);
    this.#microdata.open(name, attributes, { depth: this.#depth, start, tag });
  }

  /** Elements that say something without showing it. */
  #head(name: string, attributes: Attributes, start: number, tag: string): void {
    if (name === 'meta') this.#meta(attributes, start, tag);
    else if (name === 'script') this.#script(attributes);
    else if (name === 'link' && attributes['rel'] === 'canonical') this.#url ??= attributes['href'];
  }

  #script(attributes: Attributes): void {
    if (attributes['type'] === 'application/ld+json') this.#sink = sink('script');
    else this.#unread = this.#depth;
  }

  text(text: string, start: number, end: number): void {
    if (this.#unread !== undefined) return;
    if (this.#sink.kind === 'script') this.#jsonLd(text, start);
    else {
      this.#sink.text.append(text, start, end);
      this.#microdata.text(text, start, end);
    }
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    this.#microdata.close(this.#depth);
    const unread = this.#unread;
    if (unread === this.#depth) this.#unread = undefined;
    this.#depth--;
    if (unread !== undefined) return;
    if (name === 'script') this.#sink = sink('flow');
    else if (name === 'table') this.#endTable();
    else if (LINES.has(name)) this.#endLine();
  }

  #beginLine(name: string, attributes: Attributes): void {
    const inside = this.#sink.kind === 'cell' || this.#sink.kind === 'value';
    if (name === 'table') {
      if (!inside) this.#endLine();
      this.#tables.push({ rows: [], caption: undefined, outside: this.#sink });
      this.#sink = sink('flow');
    } else if (/^(?:tr|td|th|dt|dd)$/u.test(name)) {
      this.#endLine();
      if (name === 'tr') this.#tables.at(-1)?.rows.push([]);
      else this.#sink = openedBy(name, attributes);
    } else if (inside) {
      this.#sink.text.blank(0, 0);
    } else {
      this.#endLine();
      this.#sink = openedBy(name, attributes);
    }
  }

  /** Puts the text that was read where it belongs, and goes on in a new line. */
  #endLine(): void {
    const done = this.#sink;
    const { text, level } = done;
    this.#sink = sink('flow');
    if (done.kind === 'cell' || done.kind === 'caption') this.#endCell(done);
    else if (text.empty) return;
    else if (done.kind === 'heading') this.#blocks.push({ kind: 'heading', level, passage: text });
    else if (done.kind === 'title') {
      this.#title ??= { text: text.text.trim(), span: wholeSpan(text) };
    } else if (done.kind === 'label') this.#label = text;
    else if (done.kind === 'value' && this.#label !== undefined) {
      this.#blocks.push({ kind: 'pair', label: this.#label, value: text });
    } else this.#blocks.push({ kind: 'paragraph', passage: text, item: level === 1 });
  }

  #endCell({ kind, text, level, columns }: Sink): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    if (kind === 'caption') table.caption = text.text.trim();
    else table.rows.at(-1)?.push({ passage: text, header: level === 1, columns });
  }

  #endTable(): void {
    this.#endLine();
    const table = this.#tables.pop();
    if (table === undefined) return;
    this.#blocks.push(...tableBlocks(table.rows, table.caption));
    this.#sink = table.outside;
  }

  #meta(attributes: Attributes, start: number, tag: string): void {
    const name = (attributes['property'] ?? attributes['name'] ?? '').toLowerCase();
    const content = attributes['content'] ?? '';
    if (content.trim() === '') return;
    if (name === 'og:url') this.#url ??= content;
    const label = META[name];
    const at = tag.indexOf(content);
    if (at === -1) return;
    const span = { start: start + at, end: start + at + content.length };
    if (name === 'og:title') this.#named ??= { text: content, span };
    if (label === undefined) return;
    this.#embedded.push({ thing: 0, label, text: content, span, method: 'meta', several: false });
  }

  #jsonLd(text: string, start: number): void {
    const described = readJsonLd(text, start, this.#things);
    if (described === undefined) {
      this.#problem = 'its JSON-LD cannot be read';
      return;
    }
    this.#things += described.things;
    this.#types.push(...described.types);
    this.#embedded.push(...described.facts);
  }

  layout(cutOffBy: string | undefined): Layout {
    this.#endLine();
    const microdata = this.#microdata.facts(this.#things);
    return {
      title: this.#named ?? this.#title,
      url: this.#url,
      blocks: this.#blocks,
      embedded: [...this.#embedded, ...microdata],
      types: [...this.#types, ...this.#microdata.types],
      problem: this.#problem ?? cutOffBy,
    };
  }
}

/** Where the text of an element goes. */
function openedBy(name: string, attributes: Attributes): Sink {
  if (/^h[1-6]$/u.test(name)) return sink('heading', Number(name[1]));
  const columns = Number(attributes['colspan'] ?? 1);
  switch (name) {
    case 'td':
    case 'th':
      return sink('cell', name === 'th' ? 1 : 0, Number.isInteger(columns) ? columns : 1);
    case 'dt':
      return sink('label');
    case 'dd':
      return sink('value');
    case 'title':
    case 'caption':
      return sink(name);
    default:
      return sink('flow', name === 'li' ? 1 : 0);
  }
}

/** What the head of a page states about its subject. */
const META: Readonly<Record<string, string>> = {
  description: 'description',
  author: 'author',
  'og:description': 'description',
  'og:locality': 'city',
  'og:region': 'region',
  'og:country-name': 'country',
  'og:email': 'email',
  'og:phone_number': 'phone',
  'article:published_time': 'published',
  'article:modified_time': 'modified',
  'article:author': 'author',
  'product:price:amount': 'price',
  'product:price:currency': 'price currency',
  'place:location:latitude': 'latitude',
  'place:location:longitude': 'longitude',
};

const isHidden = (attributes: Attributes): boolean =>
  attributes['hidden'] !== undefined ||
  attributes['aria-hidden'] === 'true' ||
  /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]))/iu.test(
    attributes['style'] ?? '',
  );

/** A page that says where it begins also says where it ends. */
function cutOff(source: string): string | undefined {
  const head = source.slice(0, 2_000);
  const tail = source.slice(-2_000);
  if (/<[a-z/!][^<>]*$/iu.test(tail)) return 'it ends in the middle of a tag';
  return /<html[\s>]/iu.test(head) && !/<\/(?:html|body)\s*>/iu.test(tail)
    ? 'it ends before its closing </html>'
    : undefined;
}
