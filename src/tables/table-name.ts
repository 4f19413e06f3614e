/** A table of a DuckDB file. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** The schema that DuckDB puts tables in when none is named. */
const MAIN = 'main';

/** A part without dots and quotes, or any in double quotes, with the quotes in it doubled. */
const PART = String.raw`[^".]+|"(?:[^"]|"")+"`;
const NAME = new RegExp(`^(?:(?<schema>${PART})\\.)?(?<table>${PART})$`, 'u');

/** Reads `table`, `schema.table` or `"a.b"` as SQL does; undefined where it is no such name. */
export function parseTableName(text: string): TableName | undefined {
  const { schema = MAIN, table } = NAME.exec(text)?.groups ?? {};
  return table === undefined ? undefined : { schema: plain(schema), table: plain(table) };
}

/** A table as {@link parseTableName} reads it. */
export const tableNameText = ({ schema, table }: TableName): string =>
  schema === MAIN ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;

const plain = (part: string): string =>
  part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;

const quoted = (name: string): string =>
  /[".]/u.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
