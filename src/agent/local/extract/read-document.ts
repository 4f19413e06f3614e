import type {
  Block,
  DocumentFormat,
  DocumentTable,
  EmbeddedFact,
  Fact,
  Layout,
  Method,
  ReadDocument,
  Sentence,
} from '../corpus/document.ts';
import { parseHtml } from '../corpus/parse-html.ts';
import { parseMarkdown } from '../corpus/parse-markdown.ts';
import { parseText } from '../corpus/parse-text.ts';
import { wholeSpan, type Passage, type Span } from '../corpus/plain-text.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import { isLocated } from '../claims/quote-check.ts';
import { contactsIn } from './contacts.ts';
import { plainLabel } from './labels.ts';
import { pairInLine, pairUnderHeading, type Pair } from './pairs.ts';
import { ProseReader, type Statement } from './prose.ts';
import { sentencesOf } from './sentences.ts';
import { nameFromPath, nameFromTitle, sameName } from './subject.ts';
import { isSteering } from './steering.ts';

/** Goes up with every change of what is read from a document. */
export const EXTRACTOR_VERSION = 3;

/** How often a value is right that was found so; taken from the evaluation. */
const PRIORS: Readonly<Record<Method, number>> = {
  jsonld: 0.97,
  'front-matter': 0.97,
  microdata: 0.96,
  pair: 0.93,
  table: 0.93,
  meta: 0.85,
  prose: 0.8,
};

const MAX_SENTENCES = 5_000;
const MAX_FACTS = 5_000;

/** Reads a document whole, or says why it cannot be. */
export function readDocument(
  path: string,
  format: DocumentFormat,
  source: string,
): Result<ReadDocument, string> {
  const layout = PARSERS[format](source);
  if (layout.problem !== undefined) return fail(layout.problem);
  if (layout.blocks.length + layout.embedded.length === 0) return fail('it has no text');
  const subject = subjectOf(path, layout);
  const reader = new DocumentReader(subject.name, layout);
  if (subject.fact !== undefined) reader.facts.push(subject.fact);
  reader.read();
  const { facts, tables, sentences } = reader;
  const title = layout.title?.text ?? headingOf(layout) ?? subject.name;
  return ok({
    subject: subject.name,
    title,
    url: webAddress(layout.url),
    types: layout.types,
    facts: facts.filter((fact) => isLocated(source, format, fact)).slice(0, MAX_FACTS),
    tables,
    sentences,
  });
}

const PARSERS: Readonly<Record<DocumentFormat, (source: string) => Layout>> = {
  html: parseHtml,
  markdown: parseMarkdown,
  text: parseText,
};

const webAddress = (url: string | undefined): string | undefined =>
  url !== undefined && /^https?:\/\//u.test(url) && URL.canParse(url) ? url : undefined;

/** The only heading of the first level, wherever it stands, or the first heading. */
function mainHeading({ blocks }: Layout): Passage | undefined {
  const headings = blocks.filter((block) => block.kind === 'heading');
  const [first, ...others] = headings.filter(({ level }) => level === 1);
  return (first !== undefined && others.length === 0 ? first : headings[0])?.passage;
}

const headingOf = (layout: Layout): string | undefined => mainHeading(layout)?.text.trim();

const isName = ({ label }: EmbeddedFact): boolean =>
  /^(?:name|title|headline|legalName|company|product|project)$/u.test(label);

interface Subject {
  readonly name: string;
  /** Where the document says so, unless its mark-up does. */
  readonly fact: Fact | undefined;
}

/** What the document is about: what its mark-up names, its first heading, its title, its file. */
function subjectOf(path: string, layout: Layout): Subject {
  const names = layout.embedded.filter(isName).toSorted((a, b) => a.thing - b.thing);
  const heading = mainHeading(layout);
  const shown = [heading && { text: heading.text, span: wholeSpan(heading) }, layout.title];
  const titles = shown.flatMap((it) =>
    it === undefined ? [] : [{ name: nameFromTitle(it.text), place: it }],
  );
  const confirmed = names.find(({ text }) => titles.some(({ name }) => sameName(name, text)));
  const marked = (confirmed ?? names[0])?.text.trim();
  if (marked !== undefined) return { name: marked, fact: undefined };
  const [title] = titles;
  if (title === undefined) {
    const name = nameFromPath(path);
    return { name, fact: nameFact(name, path, { start: 0, end: 0 }) };
  }
  return { name: title.name, fact: nameFact(title.name, title.place.text, title.place.span) };
}

const nameFact = (name: string, quote: string, span: Span): Fact => ({
  about: undefined,
  label: 'name',
  text: name,
  span,
  quote,
  quoted: span,
  method: 'pair',
  prior: PRIORS.pair,
  several: false,
});

/** A label without its colon. */
function plainName(label: string): string {
  const name = label.trim();
  return name.endsWith(':') ? name.slice(0, -1).trimEnd() : name;
}

class DocumentReader {
  readonly facts: Fact[] = [];
  readonly tables: DocumentTable[] = [];
  readonly sentences: Sentence[] = [];
  readonly #subject: string;
  readonly #layout: Layout;
  /** Headings above the block at hand, by level. */
  readonly #headings: { readonly level: number; readonly passage: Passage }[] = [];
  readonly #entityLevel: number | undefined;
  #prose: ProseReader;

  constructor(subject: string, layout: Layout) {
    this.#subject = subject;
    this.#layout = layout;
    this.#entityLevel = entityLevel(layout.blocks);
    this.#prose = new ProseReader(subject);
  }

  read(): void {
    this.#embedded();
    const { blocks } = this.#layout;
    for (const [at, block] of blocks.entries()) {
      if (block.kind === 'heading') this.#heading(block);
      else if (block.kind === 'pair') this.#pair(block, 'pair');
      else if (block.kind === 'table') this.#table(block);
      else this.#paragraph(block, at);
    }
  }

  /** What is spoken of here: the subject, or the thing whose section this is. */
  get #about(): string | undefined {
    const own = this.#headings.find(({ level }) => level === this.#entityLevel);
    return own?.passage.text.trim();
  }

  #embedded(): void {
    const things = new Map<number, string>();
    for (const fact of this.#layout.embedded) {
      if (isName(fact) && !things.has(fact.thing)) things.set(fact.thing, fact.text.trim());
    }
    const known = [...things.values()].some((name) => sameName(name, this.#subject));
    for (const fact of this.#layout.embedded) {
      const name = things.get(fact.thing);
      const own =
        fact.method === 'meta' ||
        name === undefined ||
        sameName(name, this.#subject) ||
        (!known && fact.thing === 0);
      const { label, text, span, method, several } = fact;
      this.facts.push({
        about: own ? undefined : name,
        label: plainLabel(label),
        text: text.trim(),
        span,
        quote: text.trim(),
        quoted: span,
        method,
        prior: PRIORS[method],
        several,
      });
    }
  }

  #heading({ level, passage }: { readonly level: number; readonly passage: Passage }): void {
    while ((this.#headings.at(-1)?.level ?? 0) >= level) this.#headings.pop();
    this.#headings.push({ level, passage });
    this.#prose = new ProseReader(this.#about ?? this.#subject);
  }

  #pair({ label, value }: Pair, method: Method): void {
    const text = value.text.trim();
    if (text === '' || /^(?:-|–|—|n\/a|none|unknown|tbd|tba|\?)$/iu.test(text)) return;
    const [span, from] = [wholeSpan(value), wholeSpan(label)];
    this.facts.push({
      about: this.#about,
      label: plainName(label.text),
      text,
      span,
      quote: `${label.text.trim()} ${text}`,
      quoted: { start: Math.min(from.start, span.start), end: Math.max(from.end, span.end) },
      method,
      prior: PRIORS[method],
      several: false,
    });
  }

  #table({ caption, header, rows }: Extract<Block, { kind: 'table' }>): void {
    this.tables.push({
      caption: caption ?? this.#headings.at(-1)?.passage.text.trim(),
      header: header.map(({ text }) => text.trim()),
      rows: rows.map((row) => {
        const cells = row.map((cell) => ({ text: cell.text.trim(), span: wholeSpan(cell) }));
        const filled = cells.filter(({ text }) => text !== '');
        const span = {
          start: Math.min(...filled.map((cell) => cell.span.start)),
          end: Math.max(...filled.map((cell) => cell.span.end)),
        };
        return { cells, span };
      }),
    });
  }

  #paragraph(block: Extract<Block, { kind: 'paragraph' }>, at: number): void {
    const steering = isSteering(block.passage.text);
    const pair = steering
      ? undefined
      : (pairInLine(block) ?? this.#underHeading(block.passage, at));
    if (pair !== undefined) this.#pair(pair, 'pair');
    this.#prose.beginParagraph();
    for (const sentence of sentencesOf(block.passage)) {
      if (this.sentences.length >= MAX_SENTENCES) return;
      const section = this.#headings.map(({ passage }) => passage.text.trim()).join(' › ');
      this.sentences.push({ text: sentence.text, span: wholeSpan(sentence), section });
      if (steering) continue;
      if (pair !== undefined) continue;
      const found = [...this.#prose.read(sentence.text), ...contactsIn(sentence.text)];
      for (const it of found) this.#statement(it, sentence);
    }
  }

  #underHeading(passage: Passage, at: number): Pair | undefined {
    const { blocks } = this.#layout;
    const before = blocks[at - 1];
    const after = blocks[at + 1];
    if (before?.kind !== 'heading' || (after !== undefined && after.kind !== 'heading'))
      return undefined;
    const level = this.#headings.at(-1)?.level ?? 1;
    return level === 1 || level === this.#entityLevel
      ? undefined
      : pairUnderHeading(before.passage, passage);
  }

  #statement({ about, label, start, end, prior }: Statement, sentence: Passage): void {
    this.facts.push({
      about: about ?? this.#about,
      label,
      text: sentence.text.slice(start, end),
      span: sentence.spanOf(start, end),
      quote: sentence.text,
      quoted: wholeSpan(sentence),
      method: 'prose',
      prior,
      several: false,
    });
  }
}

/**
 * The level of the headings that are names of things: several sections of one level have the same
 * labels in them. Undefined when the document is about one thing.
 */
function entityLevel(blocks: readonly Block[]): number | undefined {
  const sections = labelledSections(blocks);
  return [1, 2, 3, 4].find((wanted) => {
    const own = sections.filter(({ level, labels }) => level === wanted && labels.size > 0);
    const counts = new Map<string, number>();
    for (const label of own.flatMap(({ labels }) => [...labels])) {
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    return own.length > 1 && [...counts.values()].some((count) => count > own.length / 2);
  });
}

/** For each heading the labels that stand right below it. */
function labelledSections(
  blocks: readonly Block[],
): readonly { readonly level: number; readonly labels: ReadonlySet<string> }[] {
  const sections: { level: number; labels: Set<string> }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') sections.push({ level: block.level, labels: new Set() });
    else if (block.kind !== 'table') {
      const pair = block.kind === 'pair' ? block : pairInLine(block);
      if (pair !== undefined) sections.at(-1)?.labels.add(pair.label.text.trim().toLowerCase());
    }
  }
  return sections;
}
