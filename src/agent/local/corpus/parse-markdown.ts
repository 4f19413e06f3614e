import { lexer, type Token, type Tokens } from 'marked';
import type { Block, EmbeddedFact, Layout } from './document.ts';
import { readFrontMatter } from './front-matter.ts';
import { tableBlocks, type Cell } from './html-table.ts';
import { parseHtml } from './parse-html.ts';
import { PlainText } from './plain-text.ts';

const MAX_DEPTH = 24;

/** Takes Markdown apart, front matter, tables and HTML in it included. */
export function parseMarkdown(source: string): Layout {
  const front = readFrontMatter(source);
  const reader = new MarkdownReader(source, front.end);
  reader.read();
  return {
    title: undefined,
    url: front.facts.find(({ label }) => /^(?:url|canonical|canonical_url|permalink)$/u.test(label))
      ?.text,
    blocks: reader.blocks,
    embedded: [...front.facts, ...reader.embedded],
    types: front.facts.filter(({ label }) => label === 'type').map(({ text }) => fold(text)),
    problem: front.problem,
  };
}

const fold = (text: string): string => text.trim().toLowerCase();

/**
 * Finds every piece of text again in the source: tokens come in its order, so each is looked for
 * after the one before it.
 */
class MarkdownReader {
  readonly blocks: Block[] = [];
  readonly embedded: EmbeddedFact[] = [];
  readonly #source: string;
  readonly #start: number;
  /** Up to here everything has been found. */
  #at: number;

  constructor(source: string, start: number) {
    this.#source = source;
    this.#start = start;
    this.#at = start;
  }

  read(): void {
    // Line ends of two characters become a blank and a line end: nothing moves.
    const text = this.#source.slice(this.#start).replaceAll('\r\n', ' \n');
    if (!tooDeep(text)) return this.#blocks(lexer(text), 0);
    const plain = new PlainText();
    plain.append(text, this.#start);
    this.blocks.push({ kind: 'paragraph', passage: plain, item: false });
  }

  #blocks(tokens: readonly Token[], depth: number): void {
    if (depth > MAX_DEPTH) return;
    for (const token of tokens) this.#block(token, depth);
  }

  #block(token: Token, depth: number): void {
    switch (token.type) {
      case 'heading': {
        const { depth: level } = token as Tokens.Heading;
        this.blocks.push({ kind: 'heading', level, passage: this.#inline(token) });
        return;
      }
      case 'paragraph':
      case 'text':
        this.#paragraph(token, depth > 0);
        return;
      case 'list':
        for (const item of (token as Tokens.List).items) this.#blocks(item.tokens, depth + 1);
        return;
      case 'blockquote':
        this.#blocks(partsOf(token), depth + 1);
        return;
      case 'table':
        this.#table(token as Tokens.Table);
        return;
      case 'html':
        this.#html(token.raw);
        return;
      default:
        return;
    }
  }

  /** Each line that is a label and a value by itself stays a line of its own. */
  #paragraph(token: Token, item: boolean): void {
    for (const line of linesOf(partsOf(token))) {
      const passage = new PlainText();
      for (const part of line) this.#append(part, passage, 0);
      if (!passage.empty) this.blocks.push({ kind: 'paragraph', passage, item });
    }
  }

  #inline(token: Token): PlainText {
    const passage = new PlainText();
    for (const part of partsOf(token)) this.#append(part, passage, 0);
    return passage;
  }

  #append(token: Token, into: PlainText, depth: number): void {
    if (token.type === 'image' || token.type === 'html' || depth > MAX_DEPTH) return;
    if (token.type === 'br') return into.blank(this.#at, this.#at);
    const parts = partsOf(token);
    if (parts[0] !== token) {
      for (const part of parts) this.#append(part, into, depth + 1);
      return;
    }
    const text = token.type === 'codespan' ? (token as Tokens.Codespan).text : token.raw;
    const shown = token.type === 'escape' ? (token as Tokens.Escape).text : text;
    this.#place(text, shown, into);
  }

  /** A text may be spread over lines that begin with marks of their own, such as `> `. */
  #place(text: string, shown: string, into: PlainText): void {
    const found = this.#source.indexOf(text, this.#at);
    const lines = text.split('\n');
    if (found === -1 || (lines.length > 1 && found > this.#at + 1_000)) {
      for (const line of lines.length > 1 ? lines : text.split(/(?<=\s)/u)) {
        const at = line.trim() === '' ? -1 : this.#source.indexOf(line.trim(), this.#at);
        if (at === -1) continue;
        into.blank(at, at);
        into.append(line.trim(), at);
        this.#at = at + line.trim().length;
      }
      return;
    }
    this.#at = found + text.length;
    if (!shown.includes('&')) into.append(shown, found, found + text.length);
    else appendDecoded(shown, found, into);
  }

  #table(table: Tokens.Table): void {
    const row = (cells: readonly Tokens.TableCell[], header: boolean): readonly Cell[] =>
      cells.map(({ tokens }) => {
        const passage = new PlainText();
        for (const part of tokens) this.#append(part, passage, 0);
        return { passage, header, columns: 1 };
      });
    const rows = [row(table.header, true), ...table.rows.map((cells) => row(cells, false))];
    this.blocks.push(...tableBlocks(rows, undefined));
  }

  #html(raw: string): void {
    const found = this.#source.indexOf(raw.trimEnd(), this.#at);
    if (found === -1) return;
    this.#at = found + raw.trimEnd().length;
    const { blocks, embedded } = parseHtml(raw.trimEnd(), found);
    this.blocks.push(...blocks);
    this.embedded.push(...embedded);
  }
}

/** What a token is made of; itself when of nothing else. */
const partsOf = (token: Token): readonly Token[] =>
  'tokens' in token && token.tokens !== undefined && token.tokens.length > 0
    ? token.tokens
    : [token];

const LINE_PAIR = /^[ \t]*(?:\*\*|__)?[\p{L}][\p{L}\d ()/&'’.-]{0,48}(?:\*\*|__)?:/u;

/** The inline tokens of a paragraph, line by line where every line begins with a label. */
function linesOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  for (const token of tokens) {
    for (const part of partsByLine(token)) {
      if (part.type !== 'br') lines.at(-1)?.push(part);
      if (part.type === 'br' || part.raw.endsWith('\n')) lines.push([]);
    }
  }
  const filled = lines.filter((line) => line.length > 0);
  const labelled = filled.every((line) => LINE_PAIR.test(line.map(({ raw }) => raw).join('')));
  const broken = tokens.some(({ type }) => type === 'br');
  return (labelled && filled.length > 1) || broken ? filled : [tokens];
}

/** A text over several lines as one token a line. */
const partsByLine = (token: Token): readonly Token[] =>
  token.type === 'text' && token.raw.includes('\n')
    ? token.raw.split(/(?<=\n)/u).map((raw) => ({ type: 'text', raw, text: raw }))
    : [token];

/** `&amp;` is the character it stands for, and stands where it is written. */
function appendDecoded(text: string, at: number, into: PlainText): void {
  for (const block of parseHtml(text.replaceAll('<', ' '), at).blocks) {
    if (block.kind !== 'paragraph') continue;
    const { passage } = block;
    if (text.startsWith(' ')) into.blank(at, at);
    for (let i = 0; i < passage.text.length; i++) {
      const { start, end } = passage.spanOf(i, i + 1);
      into.append(passage.text[i] ?? '', start, end);
    }
    if (text.endsWith(' ')) into.blank(at + text.length, at + text.length);
  }
}

/** Quotes within quotes and lists within lists that the lexer would need too long for. */
const tooDeep = (text: string): boolean =>
  /^(?:[ \t]*>){32}/mu.test(text) || /^(?:[-*+] ){32}/mu.test(text) || /\[{200}/u.test(text);
