/** T: query templates. */
export const TEMPLATE_CODES = {
  'E-T51': {
    title: 'The template is too long',
    explanation: 'A template has at most 16 KB.',
    shows: 'load',
  },
  'E-T52': {
    title: 'The template is too complex',
    explanation: 'Blocks may be nested 8 deep, and a template has at most 500 tags.',
    shows: 'load',
  },
  'E-T53': {
    title: 'The template cannot be read',
    explanation: 'The text between {{ and }} is not a name, a helper with arguments, or a block.',
    shows: 'load',
  },
  'E-T54': {
    title: 'A block is not closed',
    explanation:
      'Each {{#if}}, {{#unless}} and {{#each}} needs its {{/…}}. The place shown is where it was opened.',
    shows: 'load',
  },
  'E-T55': {
    title: 'A variable does not exist',
    explanation:
      'A template can use params.<name>, row.<column> or rows of the input, steps.<name> and run.date. An unknown name is an error, never empty text.',
    shows: 'load',
  },
  'E-T56': {
    title: 'A helper does not exist',
    explanation: 'The helpers are if, unless, each, json, date and default.',
    shows: 'load',
  },
  'E-T57': {
    title: 'A construct is not available in query templates',
    explanation:
      'Partials, decorators, raw blocks, lookup, log, with, @root and paths above the top are left out: a query must be plain to read and safe to take from a pull request.',
    shows: 'load',
  },
  'E-T58': {
    title: 'A template cannot reach outside',
    explanation:
      'Environment variables, the process and the inside of objects cannot be read by a template. This keeps secrets out of queries.',
    shows: 'load',
  },
  'E-T59': {
    title: 'A condition tests a variable that does not exist',
    explanation:
      'The name is only used under {{#if}} or {{#unless}}, where an unknown name would silently count as false.',
    shows: 'load',
  },
  'E-T60': {
    title: 'The query is empty',
    explanation: 'After the values were filled in nothing but white space is left.',
    shows: 'rows',
  },
  'E-T61': {
    title: 'A value is missing',
    explanation:
      'The variable is null, missing or empty in this record. Write {{default row.name "…"}}, guard it with {{#if}}, or leave the record out with "where".',
    shows: 'rows',
  },
  'E-T62': {
    title: 'A value is not text',
    explanation:
      'The variable is an object, a list or a boolean in this record. Name a property of it, or write {{json row.name}}.',
    shows: 'rows',
  },
  'E-T63': {
    title: 'The query is too long',
    explanation: 'A rendered query has at most 32 KB.',
    shows: 'rows',
  },
  'E-T64': {
    title: 'All records give the same request',
    explanation:
      'Neither the query nor the columns sent differ from record to record, so the same question would be asked again and again.',
    shows: 'rows',
  },
  'E-T65': {
    title: 'Several records give the same request',
    explanation: 'They are asked once, and the answer counts for all of them.',
    shows: 'rows',
  },
  'E-T66': {
    title: 'Braces are left in the query',
    explanation:
      'The rendered query contains {{ or }}. If a variable was meant, check the template; if a value contains them, this is harmless.',
    shows: 'load',
  },
  'E-T68': {
    title: 'This place is not a template',
    explanation:
      'Only "query" and "system" are templates. Names, paths, efforts, conditions, SQL and schemas are taken as they are.',
    shows: 'load',
  },
} as const;

/** S: output schemas. */
export const SCHEMA_CODES = {
  'E-S69': {
    title: 'The schema is not a JSON object',
    explanation: 'A schema is a JSON object, inline or in a file.',
    shows: 'load',
  },
  'E-S70': {
    title: 'The schema is too large',
    explanation: 'A schema has at most 64 KB, a depth of 16 and 1,000 nodes.',
    shows: 'load',
  },
  'E-S71': {
    title: 'A reference leaves the schema',
    explanation:
      'Only references into the same schema ("#/…") are followed: checking an answer never opens files or connections.',
    shows: 'load',
  },
  'E-S72': {
    title: 'A reference leads back to itself',
    explanation: 'A recursive schema has no end, and no table could hold its records.',
    shows: 'load',
  },
  'E-S73': {
    title: 'The dialect of the schema is not supported',
    explanation: '"$schema" may name draft-07, 2019-09 or 2020-12.',
    shows: 'load',
  },
  'E-S74': {
    title: 'A keyword belongs to another dialect',
    explanation:
      'The keyword exists only in a later dialect and would be ignored under this one. Set "$schema" to 2020-12, or use the older keyword.',
    shows: 'load',
  },
  'E-S75': {
    title: 'A keyword is unknown',
    explanation:
      'JSON Schema ignores keywords it does not know, so a misspelt one would check nothing.',
    shows: 'load',
  },
  'E-S76': {
    title: 'A format is unknown',
    explanation: 'Only formats that are really checked are accepted.',
    shows: 'load',
  },
  'E-S77': {
    title: 'A pattern is not a regular expression',
    explanation: 'The value of "pattern" cannot be read.',
    shows: 'load',
  },
  'E-S78': {
    title: 'A pattern is not supported',
    explanation:
      'Patterns run in linear time (RE2), so look-around and back-references are left out.',
    shows: 'load',
  },
  'E-S79': {
    title: 'A required property is not defined',
    explanation:
      'The name under "required" is not under "properties", so every answer would need something that is not described.',
    shows: 'load',
  },
  'E-S80': {
    title: 'A property has a reserved name',
    explanation: '"__proto__" and its like cannot be checked reliably and are refused.',
    shows: 'load',
  },
  'E-S81': {
    title: 'Two bounds contradict each other',
    explanation: 'No value can satisfy both, so every answer would be refused after it was paid.',
    shows: 'load',
  },
  'E-S82': {
    title: 'Contact fields without a limit',
    explanation:
      'E-mail addresses and telephone numbers are charged one by one. An array of them needs "maxItems", so that the cost has a ceiling. Where the agent is paid, "max_cost" of a step whose effort is paid by use bounds it too, and --max-cost in the call accepts whatever is found; a budget does not, because it ends nothing that is under way.',
    shows: 'load',
  },
  'E-S83': {
    title: 'Unique items without a limit',
    explanation: '"uniqueItems" on objects compares each with each. Give the array "maxItems".',
    shows: 'load',
  },
  'E-S84': {
    title: 'A keyword runs code',
    explanation: '"$data", "$async" and keywords of one validator only are refused.',
    shows: 'load',
  },
  'E-S85': {
    title: 'An identifier is used twice',
    explanation: '"$id" must be unique, and cannot be that of a JSON Schema dialect.',
    shows: 'load',
  },
  'E-S86': {
    title: 'The root of the schema is not an object',
    explanation: 'Agents are asked for an object. Put the value into a property of one.',
    shows: 'load',
  },
  'E-S87': {
    title: 'Too many alternatives',
    explanation: '"anyOf" and "oneOf" together have at most 64 branches.',
    shows: 'load',
  },
} as const;

/** R: the rows that the user brings. */
export const ROW_CODES = {
  'E-R88': {
    title: 'The source has no rows',
    explanation: 'The file is missing, empty, or has only a header.',
    shows: 'rows',
  },
  'E-R89': {
    title: 'The source is too large',
    explanation:
      'The limits guard against a slip. Raise them with --max-rows when the size is meant.',
    shows: 'rows',
  },
  'E-R90': {
    title: 'The source is another kind of file',
    explanation: 'The first bytes show an archive or a spreadsheet. Export it as CSV.',
    shows: 'rows',
  },
  'E-R91': {
    title: 'Not read unless it is trusted',
    explanation:
      'With --untrusted the pipeline may come from a stranger: Parquet and DuckDB files and SQL, which DuckDB handles as a friend, are refused.',
    shows: 'rows',
  },
  'E-R92': {
    title: 'A quote in the CSV file is not closed',
    explanation: 'The place shown is the line where the quote was opened.',
    shows: 'rows',
  },
  'E-R93': {
    title: 'A row has another number of columns',
    explanation: 'Each row needs as many values as the header.',
    shows: 'rows',
  },
  'E-R94': {
    title: 'Column names are empty or repeated',
    explanation: 'Each column needs a name of its own; upper and lower case count as the same.',
    shows: 'rows',
  },
  'E-R95': {
    title: 'The columns are separated by something else',
    explanation:
      'The header is one column whose name contains ";" or a tab. Separate by commas, or name the file .tsv.',
    shows: 'rows',
  },
  'E-R96': {
    title: 'The source is not UTF-8',
    explanation: 'Save the file again as UTF-8.',
    shows: 'rows',
  },
  'E-R97': {
    title: 'A column name has white space around it',
    explanation: 'The name would not be found by what it looks like.',
    shows: 'rows',
  },
  'E-R98': {
    title: 'The JSON cannot be read',
    explanation: 'Trailing commas, repeated keys, "__proto__" and a depth beyond 64 are refused.',
    shows: 'rows',
  },
  'E-R99': {
    title: 'A line is not a JSON object',
    explanation: 'Each line of an NDJSON file is one object; blank lines and lists are refused.',
    shows: 'rows',
  },
  'E-R100': {
    title: 'A number is too large to be exact',
    explanation: 'Beyond 9007199254740991 the last digits are lost. Write it as text.',
    shows: 'rows',
  },
  'E-R101': {
    title: 'A text is not valid Unicode',
    explanation: 'NUL and halves of surrogate pairs cannot be stored.',
    shows: 'rows',
  },
  'E-R102': {
    title: 'A key is missing, empty or repeated',
    explanation: 'The key columns say which record a row is; each row needs its own.',
    shows: 'rows',
  },
  'E-R103': {
    title: 'Two keys differ only in their Unicode form',
    explanation: 'They look the same and count as the same record.',
    shows: 'rows',
  },
  'E-R104': {
    title: 'A cell seems to contain a secret',
    explanation: 'Rows are sent to the agent. Remove the secret from the file.',
    shows: 'rows',
  },
  'E-R105': {
    title: 'A cell is too long',
    explanation: 'A cell has at most 64 KB.',
    shows: 'rows',
  },
} as const;
