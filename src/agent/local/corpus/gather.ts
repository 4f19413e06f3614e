import { labelKey } from '../extract/labels.ts';
import { exactKey } from '../link/names.ts';
import { aliasesOf } from '../extract/subject.ts';
import type { DocumentFacts, DocumentTable, Fact } from './document.ts';
import { derivedFacts } from './derive.ts';
import type { DocumentSource } from './table.ts';

/** A document of the corpus that was read. */
export interface CorpusDocument {
  readonly path: string;
  readonly document: DocumentFacts;
}

/** A fact with the document that states it. */
export interface SourcedFact extends Fact {
  readonly source: DocumentSource;
}

/** A record put together from documents: by the key of a property all that is said for it. */
interface GatheredRow {
  readonly facts: ReadonlyMap<string, readonly SourcedFact[]>;
}

/** Records of one kind, put together from documents. */
export interface GatheredTable {
  readonly name: string;
  readonly path: string;
  /** Keys and names of the properties, the name of a record first. */
  readonly columns: readonly { readonly key: string; readonly name: string }[];
  readonly rows: readonly GatheredRow[];
}

/** Properties that few documents speak of are no columns: their table would be empty space. */
const MAX_COLUMNS = 64;
const MAX_TABLES = 200;
const NAME = 'name';

/**
 * Puts together what documents say: a table for each folder, with a record for each thing that its
 * documents are about, and one for each kind of table in them.
 */
export function gather(documents: readonly CorpusDocument[]): readonly GatheredTable[] {
  const folders = new Map<string, Folder>();
  for (const each of documents) {
    const path = each.path.includes('/') ? each.path.replace(/\/[^/]*$/u, '') : '';
    let folder = folders.get(path);
    if (folder === undefined) {
      folder = new Folder(path);
      folders.set(path, folder);
    }
    folder.add(each);
  }
  const all = [...folders.values()];
  for (const folder of all) folder.placeTables();
  for (const folder of all) folder.placeOthers(all);
  return all.flatMap((folder) => folder.tables()).slice(0, MAX_TABLES);
}

type Row = Map<string, SourcedFact[]>;

class Folder {
  readonly #path: string;
  readonly #documents: CorpusDocument[] = [];
  readonly #rows = new Map<string, Row>();
  /** What was said of things that no document is about. */
  readonly #others: SourcedFact[] = [];
  readonly #listed: ListedTable[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  add(each: CorpusDocument): void {
    this.#documents.push(each);
    const { document, path } = each;
    const source = { path, title: document.title, url: document.url };
    const named = sections(document.facts);
    const name = document.facts.find((it) => it.about === undefined && labelKey(it.label) === NAME);
    if (named.size === 0 || document.facts.some((it) => it !== name && it.about === undefined)) {
      this.#row(document.subject);
    }
    for (const fact of [...document.facts, ...document.facts.flatMap(derivedFacts)]) {
      const sourced = { ...fact, source };
      const about = fact.about ?? document.subject;
      if (fact.about === undefined || named.has(about)) this.#put(this.#row(about), sourced);
      else this.#others.push(sourced);
    }
    for (const [about, first] of named) {
      const row = this.#row(about);
      if (!row.has(NAME)) this.#put(row, { ...first, label: NAME, text: about, source });
    }
  }

  /** Rows of tables join the things of the folder where they have the same properties. */
  placeTables(): void {
    const known = new Set([...this.#rows.values()].flatMap((row) => [...row.keys()]));
    for (const { document, path } of this.#documents) {
      const source = { path, title: document.title, url: document.url };
      for (const table of document.tables) {
        const keys = table.header.map(labelKey);
        const shared = keys.slice(1).filter((key) => known.has(key)).length;
        const joins = this.#rows.size > 1 && keys.length > 1 && shared * 2 >= keys.length - 1;
        if (joins) this.#join(table, source);
        else this.#list(table, keys, source);
      }
    }
  }

  #join(table: DocumentTable, source: DocumentSource): void {
    for (const { facts } of rowsOf(table, source)) {
      const [name] = facts;
      if (name === undefined) continue;
      const row = this.#row(name.text);
      for (const [at, fact] of facts.entries()) {
        this.#put(row, at === 0 ? { ...fact, label: NAME } : fact);
        for (const derived of derivedFacts(fact)) this.#put(row, { ...derived, source });
      }
    }
  }

  #list(table: DocumentTable, keys: readonly string[], source: DocumentSource): void {
    const signature = keys.join('|');
    let listed = this.#listed.find((it) => it.signature === signature);
    if (listed === undefined) {
      listed = { signature, table, source, rows: [], sources: new Set() };
      this.#listed.push(listed);
    }
    listed.sources.add(source.path);
    for (const { facts } of rowsOf(table, source)) {
      const row: Row = new Map();
      for (const fact of facts) this.#put(row, fact);
      listed.rows.push(row);
    }
  }

  /** What a document says beside its own subject joins the thing that it is said of. */
  placeOthers(folders: readonly Folder[]): void {
    for (const fact of this.#others) {
      const key = nameKey(fact.about ?? '');
      for (const folder of [this, ...folders]) {
        const row = folder.#rows.get(key);
        if (row === undefined) continue;
        this.#put(row, fact);
        break;
      }
    }
  }

  #row(name: string): Row {
    const key = nameKey(name);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new Map<string, SourcedFact[]>();
      this.#rows.set(key, row);
    }
    return row;
  }

  #put(row: Row, fact: SourcedFact): void {
    const key = labelKey(fact.label);
    if (key === '') return;
    const facts = row.get(key);
    if (facts === undefined) row.set(key, [fact]);
    else facts.push(fact);
  }

  tables(): readonly GatheredTable[] {
    const rows = [...this.#rows.values()].filter((row) => row.has(NAME));
    const name = this.#path.replace(/^.*\//u, '') || 'documents';
    const [only] = this.#documents;
    const path = this.#documents.length === 1 && only !== undefined ? only.path : `${this.#path}/`;
    const own =
      rows.length === 0
        ? []
        : [
            {
              name,
              path: path === '/' ? '.' : path,
              columns: columnsOf(rows),
              rows: rows.map(asRow),
            },
          ];
    const listed = this.#listed.map(({ table, rows: all, source, sources }): GatheredTable => {
      const columns = table.header.map((it) => ({ key: labelKey(it), name: it }));
      return {
        name: table.caption ?? source.title,
        path: sources.size === 1 ? source.path : `${this.#path}/`,
        columns: columns.filter(({ key }, at) => columns.findIndex((it) => it.key === key) === at),
        rows: mergedAcross(all, columns[0]?.key ?? '').map(asRow),
      };
    });
    return [...own, ...listed];
  }
}

interface ListedTable {
  readonly signature: string;
  readonly table: DocumentTable;
  readonly source: DocumentSource;
  readonly rows: Row[];
  readonly sources: Set<string>;
}

const asRow = (facts: Row): GatheredRow => ({ facts });

const nameKey = (name: string): string => exactKey(aliasesOf(name).at(-1) ?? name);

/** Things beside the subject that a document has whole sections or mark-up for. */
function sections(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  const counts = new Map<string, Fact[]>();
  for (const fact of facts) {
    if (fact.about === undefined || fact.method === 'prose') continue;
    const own = counts.get(fact.about);
    if (own === undefined) counts.set(fact.about, [fact]);
    else own.push(fact);
  }
  return new Map(
    [...counts].flatMap(([about, own]) => {
      const [first] = own;
      return first !== undefined && own.length > 1 ? [[about, first] as const] : [];
    }),
  );
}

function rowsOf(
  table: DocumentTable,
  source: DocumentSource,
): readonly { readonly facts: readonly SourcedFact[] }[] {
  return table.rows.map(({ cells, span }) => {
    const quote = cells.map(({ text }) => text).join(' | ');
    return {
      facts: table.header.flatMap((label, at) => {
        const cell = cells[at];
        if (cell === undefined || cell.text === '' || /^[-–—?]$/u.test(cell.text)) return [];
        return [
          {
            about: undefined,
            label,
            text: cell.text,
            span: cell.span,
            quote,
            quoted: span,
            method: 'table' as const,
            prior: 0.93,
            several: false,
            source,
          },
        ];
      }),
    };
  });
}

/** Rows of several documents about one thing are one record; rows of one document never are. */
function mergedAcross(rows: readonly Row[], key: string): readonly Row[] {
  const merged: Row[] = [];
  const byName = new Map<string, Row>();
  for (const row of rows) {
    const name = row.get(key)?.[0];
    const known = name === undefined ? undefined : byName.get(nameKey(name.text));
    if (name === undefined || known === undefined || isOf(known, name.source)) {
      merged.push(row);
      if (name !== undefined && known === undefined) byName.set(nameKey(name.text), row);
      continue;
    }
    for (const [column, facts] of row) known.set(column, [...(known.get(column) ?? []), ...facts]);
  }
  return merged;
}

const isOf = (row: Row, source: DocumentSource): boolean =>
  [...row.values()].some((facts) => facts.some((fact) => fact.source.path === source.path));

/** The properties that most records have, the name first; each in the words used most often. */
function columnsOf(
  rows: readonly Row[],
): readonly { readonly key: string; readonly name: string }[] {
  const columns = new Map<string, { count: number; sure: number; labels: Map<string, number> }>();
  for (const row of rows) {
    for (const [key, facts] of row) {
      const column = columns.get(key) ?? { count: 0, sure: 0, labels: new Map<string, number>() };
      column.count++;
      for (const { label, method } of facts) {
        if (method !== 'prose') column.sure++;
        const plain = plainName(label);
        column.labels.set(plain, (column.labels.get(plain) ?? 0) + 1);
      }
      columns.set(key, column);
    }
  }
  const enough = Math.floor(rows.length / 50);
  const kept = [...columns]
    .filter(([, { count, sure }]) => sure > 0 || count > enough)
    .toSorted(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .filter(([key]) => key !== NAME)
    .slice(0, MAX_COLUMNS - 1)
    .map(([key, { labels }]) => ({ key, name: mostUsed(labels) }));
  return [{ key: NAME, name: NAME }, ...kept];
}

/** `numberOfRooms` and `Number_of_rooms` are `number of rooms`. */
const plainName = (label: string): string =>
  label
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll('_', ' ')
    .trim()
    .toLowerCase();

const mostUsed = (labels: ReadonlyMap<string, number>): string =>
  [...labels].toSorted(
    ([a, x], [b, y]) => y - x || a.length - b.length || (a < b ? -1 : 1),
  )[0]?.[0] ?? '';
