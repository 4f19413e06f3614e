import { EXTRACTOR_VERSION } from '../extract/read-document.ts';
import { ENGINE_VERSION } from '../engine-version.ts';

/** Goes up with every change of the tables below, or of what is put into them. */
const FORMAT = 2;

/** An index of another version is made anew; DuckDB's own version is part of it by its hashes. */
export const INDEX_VERSION: string = `'${FORMAT}.${ENGINE_VERSION}.${EXTRACTOR_VERSION} ' || (select library_version from pragma_version())`;

/**
 * The tables of an index, beside one for each table of records: `c0`, `c1`, … as `typedSql` makes
 * them. `t` is the number of such a table, `c` of its column, `doc` of a document in the order of
 * paths.
 *
 * `index_of` has its row when all else is there. Its digest is the folder's, or empty when a file
 * changed while it was read, so that the next to open the corpus looks again.
 */
export const CREATE_INDEX = `
create table index_of (version varchar, digest varchar);
create table record_files (path varchar, hash varchar, problem varchar, t integer);
create table document_files (path varchar, hash varchar, problem varchar);
create table tables (t integer, description varchar);
create table named_values (t integer, c integer, entries varchar);
create table documents (doc integer, path varchar, hash varchar, subject varchar, title varchar, url varchar, facts varchar);
create table sentences (doc integer, nth integer, text varchar, start integer, stop integer);
create table record_words (t integer, word varchar, id integer, times integer);
create table record_sizes (t integer, id integer, size integer);
create table sentence_words (word varchar, id integer, times integer, own integer);
create table sentence_sizes (id integer, size integer);
`;

/** A sentence has one number among all: that of its document and its place there. */
export const SENTENCES_A_DOCUMENT = 8_192;

/** An expression with a row for each word of a text, folded. */
export const wordsSql = (text: string): string =>
  `unnest(regexp_extract_all(lower(strip_accents(${text})), '[\\p{L}\\d]+'))`;
