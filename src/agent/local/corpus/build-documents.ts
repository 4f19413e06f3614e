import type { JsonObject } from '../../../base/json.ts';
import type { DocumentFile } from './corpus-folder.ts';
import type { DocumentFacts, ReadDocument } from './document.ts';
import type { CorpusDocument } from './gather.ts';
import { SENTENCES_A_DOCUMENT, wordsSql } from './index-tables.ts';
import type { IndexWriter } from './index-writer.ts';
import { textOf } from './load-table.ts';
import { readDocuments } from './read-documents.ts';

/** What was made of the documents of a folder. */
export interface AddedDocuments {
  /** Those that can be used, in the order of their paths. */
  readonly documents: readonly CorpusDocument[];
  /** Numbers of documents in the index, by path. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Files whose content was known from before, usable or not. */
  readonly known: number;
  /** A file changed after it was looked over. */
  readonly changed: boolean;
}

/** A document with its number, which is the place of its file among all. */
interface Numbered {
  readonly doc: number;
  readonly path: string;
  readonly hash: string;
  readonly document: ReadDocument;
}

/** What became of a file. No hash, so that it is read again, where it changed meanwhile. */
interface Outcome {
  readonly path: string;
  readonly hash: string;
  readonly problem: string | undefined;
}

/** Documents that are read before what was read of them is written. */
const PORTION = 512;

const DOCUMENTS = {
  doc: 'INTEGER',
  path: 'VARCHAR',
  hash: 'VARCHAR',
  subject: 'VARCHAR',
  title: 'VARCHAR',
  url: 'VARCHAR',
  facts: 'VARCHAR',
};
const SENTENCES = {
  doc: 'INTEGER',
  nth: 'INTEGER',
  text: 'VARCHAR',
  start: 'INTEGER',
  stop: 'INTEGER',
};

/** Puts documents into the index, and their sentences by words; only new ones are read. */
export async function addDocuments(
  writer: IndexWriter,
  files: readonly DocumentFile[],
  earlier: boolean,
): Promise<AddedDocuments> {
  await writer.run('create temp table kept (doc integer, was integer)');
  const numbers = new Map(files.map(({ path }, doc) => [path, doc]));
  const outcomes = new Map<string, Outcome>();
  const facts = new Map<number, DocumentFacts>();
  if (earlier) await keepDocuments(writer, files, outcomes, facts);
  const known = outcomes.size;
  let changed = false;
  let portion: Numbered[] = [];
  for await (const some of readDocuments(files.filter(({ path }) => !outcomes.has(path)))) {
    for (const read of some) {
      const { path, hash } = read.file;
      const problem = 'problem' in read ? read.problem : undefined;
      const isChanged = 'problem' in read && read.changed;
      changed ||= isChanged;
      outcomes.set(path, { path, hash: isChanged ? '' : hash, problem });
      if ('problem' in read) continue;
      portion.push({ doc: numbers.get(path) ?? 0, path, hash, document: read.document });
    }
    if (portion.length >= PORTION) {
      await writePortion(writer, portion, facts);
      portion = [];
    }
  }
  await writePortion(writer, portion, facts);
  await writer.insert(
    'document_files',
    { path: 'VARCHAR', hash: 'VARCHAR', problem: 'VARCHAR' },
    files.flatMap(({ path }) => outcomes.get(path) ?? []),
  );
  await indexSentences(writer, earlier);
  const documents = files.flatMap(({ path }, doc) => {
    const document = facts.get(doc);
    return document === undefined ? [] : [{ path, document }];
  });
  return { documents, numbers, known, changed };
}

/** Takes over what the index `earlier` has of files as they are now, under their new numbers. */
async function keepDocuments(
  writer: IndexWriter,
  files: readonly DocumentFile[],
  outcomes: Map<string, Outcome>,
  facts: Map<number, DocumentFacts>,
): Promise<void> {
  const rows = await writer.rows(
    'select f.path, f.hash, f.problem, d.doc from earlier.main.document_files f left join earlier.main.documents d using (path)',
  );
  const byPath = new Map(rows.map((row) => [textOf(row, 'path'), row]));
  const kept: JsonObject[] = [];
  for (const [doc, { path, hash }] of files.entries()) {
    const row = byPath.get(path);
    if (row?.['hash'] !== hash) continue;
    const { problem, doc: was } = row;
    outcomes.set(path, { path, hash, problem: typeof problem === 'string' ? problem : undefined });
    if (typeof was === 'number') kept.push({ doc, was });
  }
  await writer.insert('kept', { doc: 'INTEGER', was: 'INTEGER' }, kept);
  await writer.run(
    'insert into documents select k.doc, d.* exclude (doc) from earlier.main.documents d join kept k on d.doc = k.was order by k.doc',
  );
  await writer.run(
    'insert into sentences select k.doc, s.* exclude (doc) from earlier.main.sentences s join kept k on s.doc = k.was order by k.doc, nth',
  );
  for (let from = 0; from < files.length; from += PORTION) {
    const portion = await writer.rows(
      `select doc, facts from documents where doc >= ${from} and doc < ${from + PORTION}`,
    );
    for (const row of portion) {
      facts.set(Number(row['doc']), JSON.parse(textOf(row, 'facts')) as DocumentFacts);
    }
  }
}

async function writePortion(
  writer: IndexWriter,
  portion: readonly Numbered[],
  facts: Map<number, DocumentFacts>,
): Promise<void> {
  const rows: JsonObject[] = [];
  const sentences: JsonObject[] = [];
  for (const { doc, path, hash, document } of portion) {
    const { sentences: own, ...rest } = document;
    facts.set(doc, rest);
    const { subject, title, url = null } = rest;
    rows.push({ doc, path, hash, subject, title, url, facts: JSON.stringify(rest) });
    for (const [nth, { text, span }] of own.slice(0, SENTENCES_A_DOCUMENT).entries()) {
      sentences.push({ doc, nth, text, start: span.start, stop: span.end });
    }
  }
  await writer.insert('documents', DOCUMENTS, rows);
  await writer.insert('sentences', SENTENCES, sentences);
}

/**
 * The words of all sentences, each with the name of what its document is about; `own` counts those
 * of the sentence alone. Sentences that were kept are not taken apart again.
 */
async function indexSentences(writer: IndexWriter, earlier: boolean): Promise<void> {
  const id = `doc * ${SENTENCES_A_DOCUMENT} + nth`;
  const added = 'doc not in (select doc from kept)';
  const kept = `
    union all select w.word, w.id + (k.doc - k.was) * ${SENTENCES_A_DOCUMENT}, w.times, w.own
    from earlier.main.sentence_words w join kept k on w.id // ${SENTENCES_A_DOCUMENT} = k.was`;
  await writer.run(
    `insert into sentence_words select * from (
       select word, id, sum(times) as times, sum(own) as own from (
         select ${id} as id, ${wordsSql('text')} as word, 1 as times, 1 as own from sentences where ${added}
         union all
         select ${id} as id, word, 1 as times, 0 as own from sentences join
           (select doc, ${wordsSql('subject')} as word from documents where ${added}) using (doc)
       ) group by word, id ${earlier ? kept : ''}
     ) order by word, id`,
  );
  await writer.run(
    'insert into sentence_sizes select id, sum(times) from sentence_words group by id order by id',
  );
}
