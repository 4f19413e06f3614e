import type { SourceFile, Span } from '../base/source-file.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { specialStart, type TokenClues } from './yaml-syntax.ts';

export interface ParseLimits {
  readonly maxKeys: number;
  readonly maxDepth: number;
}

export interface Scanned extends TokenClues {
  /** The file is beyond a limit; nothing else is looked at. */
  readonly tooLarge: Diagnostic | undefined;
  /** So many mistakes that the rest of the file was left unread. */
  readonly full: boolean;
  readonly problems: readonly Diagnostic[];
}

/** List entries a key, and tokens a key, that a file may have: reading takes longer than linear. */
const ENTRIES_PER_KEY = 5;
const TOKENS_PER_KEY = 50;
/** More mistakes of one kind help nobody. */
const MOST_PROBLEMS = 20;

const WRITE_OUT =
  'write the value out; a schema that several steps share goes into a file, as in "schema: schemas/people.schema.json"';

/**
 * One pass over the tokens, linear in the text, before anything is built: counts keys and nesting,
 * and finds what is refused wherever it stands.
 */
export class TokenScan {
  readonly #source: SourceFile;
  readonly #limits: ParseLimits;
  readonly #open: number[] = [];
  readonly #openQuotes: { start: number; end: number }[] = [];
  readonly #anchors = new Set<string>();
  readonly #aliases: { name: string; span: Span }[] = [];
  readonly #problems: Diagnostic[] = [];
  #keys = 0;
  #entries = 0;
  #tokens = 0;
  #dashes = 0;
  tooLarge: Diagnostic | undefined;

  constructor(source: SourceFile, limits: ParseLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** `type` is one of the package yaml: `anchor`, `flow-map-start` and so on. */
  take(type: string | null, token: string, start: number): void {
    const span = { source: this.#source, start, end: start + token.length };
    if (++this.#tokens > this.#limits.maxKeys * TOKENS_PER_KEY) this.#tooMany(span, 'parts');
    switch (type ?? '') {
      case 'newline':
        this.#dashes = 0;
        break;
      case 'comma':
        this.#countEntry(span);
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        this.#dashes++;
        this.#countEntry(span);
        this.#checkDepth(span);
        break;
      case 'map-value-ind':
        if (++this.#keys > this.#limits.maxKeys) this.#tooMany(span, 'keys');
        break;
      default:
        this.#takeBracket(type, token, span);
        this.#takeWord(type, token, span);
    }
  }

  #takeBracket(type: string | null, token: string, span: Span): void {
    if (type === 'flow-map-start' || type === 'flow-seq-start') {
      this.#open.push(span.start);
      this.#checkDepth(span);
    } else if (type === 'flow-map-end' || type === 'flow-seq-end') {
      if (this.#open.pop() !== undefined) return;
      this.#problem(
        'E-Y00',
        span,
        `the bracket ${token} was never opened`,
        `remove it, or put quotes around the text that it is in`,
      );
    }
  }

  #takeWord(type: string | null, token: string, span: Span): void {
    switch (type ?? '') {
      case 'anchor':
        this.#anchors.add(token.slice(1));
        this.#problem('E-Y14', span, 'anchors are not supported', WRITE_OUT);
        break;
      case 'alias':
        if (!this.full) this.#aliases.push({ name: token.slice(1), span });
        break;
      case 'tag':
        this.#problem('E-Y18', span, 'tags are not supported', 'if a text was meant, quote it');
        break;
      case 'directive-line':
        this.#problem(
          'E-Y00',
          span,
          'directives are not supported',
          'remove the line: files are read as YAML 1.2',
        );
        break;
      case 'double-quoted-scalar':
      case 'single-quoted-scalar':
        this.#noteQuote(token, span);
        break;
      default:
    }
  }

  /** A quote that is never closed, or that closes in a later line after something like a key. */
  #noteQuote(token: string, { start, end }: Span): void {
    const closed = token.length > 1 && token.endsWith(token.charAt(0));
    if (!closed || /\n\s*[\w-]+:\s[^\n]*$/u.test(token)) this.#openQuotes.push({ start, end });
  }

  #checkDepth(span: Span): void {
    const { maxDepth } = this.#limits;
    if (this.#open.length + this.#dashes > maxDepth) this.tooLarge = tooDeep(span, maxDepth);
  }

  get full(): boolean {
    return this.#problems.length + this.#aliases.length >= MOST_PROBLEMS;
  }

  #problem(code: DiagnosticCode, span: Span, message: string, help: string): void {
    if (!this.full) this.#problems.push(errorAt(code, span, message, help));
  }

  #countEntry(span: Span): void {
    if (++this.#entries > this.#limits.maxKeys * ENTRIES_PER_KEY) this.#tooMany(span, 'entries');
  }

  #tooMany(span: Span, what: 'keys' | 'entries' | 'parts'): void {
    const { maxKeys } = this.#limits;
    const most = { keys: 1, entries: ENTRIES_PER_KEY, parts: TOKENS_PER_KEY }[what] * maxKeys;
    this.tooLarge = errorAt(
      'E-Y20',
      span,
      `the file has more than ${most.toLocaleString('en-US')} ${what}`,
      'move inline records into a source file',
    );
  }

  finish(): Scanned {
    const aliases = this.#aliases.map(({ name, span }) =>
      this.#anchors.has(name)
        ? errorAt('E-Y14', span, 'aliases are not supported', WRITE_OUT)
        : specialStart(span, '*'),
    );
    return {
      tooLarge: this.tooLarge,
      full: this.full,
      problems: [...this.#problems, ...aliases],
      openBrackets: this.#open,
      openQuotes: this.#openQuotes,
    };
  }
}

export const tooDeep = (span: Span, maxDepth: number): Diagnostic =>
  errorAt('E-Y19', span, `the file is nested more than ${maxDepth} deep`, 'flatten it');
