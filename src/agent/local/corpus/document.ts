import type { Passage, Span } from './plain-text.ts';

export type DocumentFormat = 'html' | 'markdown' | 'text';

/** How a value was found; the surest first. */
export type Method = 'jsonld' | 'front-matter' | 'microdata' | 'pair' | 'table' | 'meta' | 'prose';

/** A part of a document as it is laid out, in order. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly passage: Passage }
  | { readonly kind: 'paragraph'; readonly passage: Passage; readonly item: boolean }
  | {
      /** A label and what is said for it: an entry of a list of definitions, a row of an infobox. */
      readonly kind: 'pair';
      readonly label: Passage;
      readonly value: Passage;
    }
  | {
      readonly kind: 'table';
      readonly caption: string | undefined;
      readonly header: readonly Passage[];
      readonly rows: readonly (readonly Passage[])[];
    };

/** A value that mark-up states for a property of a thing; not part of what a reader sees. */
export interface EmbeddedFact {
  /** Which thing of the document: 0 is the first one. */
  readonly thing: number;
  /** `foundingDate`, `address addressLocality`. */
  readonly label: string;
  readonly text: string;
  readonly span: Span;
  readonly method: Method;
  /** One of several values of the same property. */
  readonly several: boolean;
}

/** A document taken apart, before anything is made of it. */
export interface Layout {
  /** The title that the head of a page gives it, and where. */
  readonly title: { readonly text: string; readonly span: Span } | undefined;
  /** The address that the document states for itself. */
  readonly url: string | undefined;
  readonly blocks: readonly Block[];
  readonly embedded: readonly EmbeddedFact[];
  /** Types of the things that mark-up describes, lower case: `organization`. */
  readonly types: readonly string[];
  /** Why the document is not whole, when it is not. */
  readonly problem: string | undefined;
}

/** A value that a document states for a property of something, with where it does. */
export interface Fact {
  /** What it is about, as the document names it; undefined for the document's own subject. */
  readonly about: string | undefined;
  /** Name of the property in the document's words. */
  readonly label: string;
  /** The value in the document's words. */
  readonly text: string;
  /** Where the value stands. */
  readonly span: Span;
  /** The words around it that state it, and where they stand. */
  readonly quote: string;
  readonly quoted: Span;
  readonly method: Method;
  /** How often values found so are right, from 0 to 1. */
  readonly prior: number;
  /** One of several values of the same property. */
  readonly several: boolean;
}

/** A sentence, or another small part that can be quoted. */
export interface Sentence {
  readonly text: string;
  readonly span: Span;
  /** The headings it stands under, the nearest last. */
  readonly section: string;
}

/** A table of a document with a row for each thing. */
export interface DocumentTable {
  readonly caption: string | undefined;
  readonly header: readonly string[];
  readonly rows: readonly {
    readonly span: Span;
    readonly cells: readonly { readonly text: string; readonly span: Span }[];
  }[];
}

/** What a document says of things, beside its sentences. */
export interface DocumentFacts {
  /** What it is about: a name. */
  readonly subject: string;
  readonly title: string;
  readonly url: string | undefined;
  readonly types: readonly string[];
  readonly facts: readonly Fact[];
  readonly tables: readonly DocumentTable[];
}

/** All that is read of a document. */
export interface ReadDocument extends DocumentFacts {
  readonly sentences: readonly Sentence[];
}
