import type {
  DocumentFormat,
  Fact,
  ReadDocument,
} from '../../../src/agent/local/corpus/document.ts';
import { readDocument } from '../../../src/agent/local/extract/read-document.ts';

/** A document that is known to be readable. */
export function read(format: DocumentFormat, source: string, path = 'page'): ReadDocument {
  const document = readDocument(path, format, source);
  if (!document.ok) throw new Error(document.error);
  return document.value;
}

/** `founded 2015`, `Bolt Data: employees 300`: what is stated, of whom, in the document's words. */
export const stated = ({ facts }: ReadDocument): readonly string[] =>
  facts.map(
    ({ about, label, text }) => `${about === undefined ? '' : `${about}: `}${label} ${text}`,
  );

/** The characters of the file that a fact points at. */
export const pointedAt = (source: string, { span }: Fact): string =>
  source.slice(span.start, span.end);
