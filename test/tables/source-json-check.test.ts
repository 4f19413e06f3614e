import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { named, saidOf, SECRET, SourceFolder, type CheckCase } from './source-fixtures/sources.ts';

let folder: SourceFolder;
beforeAll(async () => {
  folder = await SourceFolder.create();
});
afterAll(() => folder.remove());

const key = ['domain'];

async function check(file: string, [, content, , options]: CheckCase): Promise<string[]> {
  const { key: columns, ...limits } = options ?? {};
  const source = await folder.write(file, content, columns === undefined ? {} : { key: columns });
  return saidOf(source, limits);
}

describe('A JSON file is told', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const cases: readonly CheckCase[] = [
    [
      'that it has no records',
      '[]',
      [
        'warning E-R88 a.json: there are no records in the file [add records, or leave the steps out that read it]',
      ],
    ],
    [
      'that it has too many rows',
      '[{},{},{}]',
      [
        'E-R89 a.json: there are more than 2 rows [raise the limit with --max-rows if so many are meant]',
      ],
      { maxRows: 2 },
    ],
    [
      'that it is no list',
      '{"a":1}\n{"a":2}\n',
      [
        'E-R98 a.json:1:1: a list of objects is expected: "[" comes first [a file with one object on each line is called .ndjson]',
      ],
    ],
    [
      'of a comma before the end of the list',
      '[\n  {"a": 1},\n]\n',
      ['E-R98 a.json:3:1: there is a comma before "]" [remove the comma]'],
    ],
    [
      'of a comma before the end of a record',
      '[{"a": 1},\n {"a": 2,}]',
      ['E-R98 a.json:2:10: there is a comma before "}" [remove the comma]'],
    ],
    [
      'of a comma before the end of an inner list',
      '[{"a": [1, 2,\n]}]',
      ['E-R98 a.json:2:1: there is a comma before "]" [remove the comma]'],
    ],
    [
      'of a missing comma',
      '[{"a":1}\n{"a":2}]',
      [
        'E-R98 a.json:2:1: a "," or "]" is expected after a record [write a comma between two records, and "]" after the last]',
      ],
    ],
    [
      'that it ends too early',
      '[{"a":1}\n',
      [
        'E-R98 a.json:2:1: the file ends before the list does [write "]" after the last record; where records are missing, fetch the file again]',
      ],
    ],
    [
      'that it ends within a record',
      '[{"a":1},\n{"a":',
      [
        'E-R98 a.json:2:1: the file ends before the list does [write "]" after the last record; where records are missing, fetch the file again]',
      ],
    ],
    [
      'of text after the list',
      '[{"a":1}]\n[]',
      [
        'E-R98 a.json:2:1: there is text after the end of the list [remove it, or move the records into the list]',
      ],
    ],
    [
      'of records that are none',
      '[{"a":1}, 2, [], null, "x"]',
      [
        'E-R98 a.json:1:11: record 2 is a number, not an object [write it as an object with its columns as keys: { "name": "…" }]',
        'E-R98 a.json:1:14: record 3 is a list, not an object [write it as an object with its columns as keys: { "name": "…" }]',
        'E-R98 a.json:1:18: record 4 is null, not an object [write it as an object with its columns as keys: { "name": "…" }]',
        'E-R98 a.json:1:24: record 5 is a string, not an object [write it as an object with its columns as keys: { "name": "…" }]',
      ],
    ],
    [
      'of a depth of 66',
      `[{"a":${nested(65)}}]`,
      [
        'E-R98 a.json:1:70: values are nested more than 64 deep [leave out the inner levels, or write them as one text]',
      ],
    ],
    ['nothing about a depth of 64', `[{"a":${nested(63)}}]`, []],
    [
      'of __proto__',
      '[{"a":{"__proto__":1}}]',
      ['E-R98 a.json:1:8: the key "__proto__" is not allowed [rename it]'],
    ],
    [
      'of __proto__ in disguise',
      '[{"\\u005f_proto__":1}]',
      ['E-R98 a.json:1:3: the key "__proto__" is not allowed [rename it]'],
    ],
    [
      'of a key that comes twice',
      '[{"a":1,"b":2,"a":3}]',
      ['E-R98 a.json:1:15: the key "a" comes twice [remove or rename one of them]'],
    ],
    [
      'of a key without quotes',
      "[{a:1},{'a':1}]",
      [
        'E-R98 a.json:1:3: a key in double quotes is expected here [write it as in { "name": "…" }]',
        'E-R98 a.json:1:9: a key in double quotes is expected here [write it as in { "name": "…" }]',
      ],
    ],
    [
      'of a line end in a text',
      '[{"a":"x\ny"}]',
      [
        'E-R98 a.json:1:7: this text is not closed, or not written as JSON wants it [close it with a double quote; write \\" for a quote in it, \\n for a line end, \\\\ for a backslash]',
      ],
    ],
    [
      'of a word that is no value',
      '[{"a":NaN}]',
      [
        'E-R98 a.json:1:7: a value is expected here [write a text in double quotes, a number, true, false or null]',
      ],
    ],
    [
      'of names that differ by case',
      '[{"Name":1},{"name":2}]',
      [
        'E-R94 a.json: "Name" and "name" differ only in upper and lower case [rename one: SQL takes them for the same column]',
      ],
    ],
    [
      'of a number that is too large',
      '[{"id":9007199254740993}]',
      [
        'E-R100 a.json:1:8: the number 9007199254740993 is too large to be exact [write it as a text, in double quotes]',
      ],
    ],
    [
      'of a number that is infinite',
      '[{"id":1e400}]',
      [
        'E-R100 a.json:1:8: the number 1e400 is too large to be exact [write it as a text, in double quotes]',
      ],
    ],
    [
      'nothing about the largest number',
      '[{"id":9007199254740991,"x":-9007199254740991,"y":0.1}]',
      [],
    ],
    [
      'of half a character',
      '[{"a":"\\ud83d"}]',
      [
        'E-R101 a.json:1:7: half of a surrogate pair is not a character [write both halves of it, or remove it]',
      ],
    ],
    ['nothing about a whole one', '[{"a":"\\ud83d\\ude00"}]', []],
    [
      'of a NUL',
      '[{"a":"x\\u0000"}]',
      [
        'E-R101 a.json:1:7: NUL cannot be stored [remove it: it comes from a fault of the program that wrote the file]',
      ],
    ],
    [
      'which byte is not UTF-8',
      Buffer.from('[{"a":"é"}]', 'latin1'),
      ['E-R96 a.json:1:8: the byte at offset 7 is not UTF-8 [save the file as UTF-8]'],
    ],
    [
      'that the key column is missing',
      '[{"b":1}]',
      ['E-R102 a.json: there is no column "domain", which is the key [columns: b]'],
      { key },
    ],
    [
      'where the key is empty',
      '[{"domain":"x"},\n{"b":1},\n{"domain":null}]',
      [
        'E-R102 a.json:2: the key (domain) is empty in rows 2 and 3 [fill it in, or choose another key]',
      ],
      { key },
    ],
    [
      'where the key is the same',
      '[{"domain":"x"},\n{"domain":"x"}]',
      [
        'E-R102 a.json:2: the key (domain) is the same in rows 1 and 2 ("x") [remove the repeated rows, or add a column to the key]',
      ],
      { key },
    ],
    [
      'of a text that is too long',
      `[{"a":"${'x'.repeat(70_000)}"}]`,
      [
        'E-R105 a.json:1:7: a text is longer than 64 KB [shorten it, or leave its column out: an agent is asked about few words]',
      ],
    ],
    [
      'of a record that is too long',
      `[{"a":[${'"x",'.repeat(300_000)}1]}]`,
      [
        'E-R92 a.json:1:2: a record is longer than 1 MB [leave out the keys that are not needed, or close a quote or bracket that is open]',
      ],
    ],
    [
      'of a secret',
      `[{"a":\n"${SECRET}"}]`,
      [
        'warning E-R104 a.json:2:2: this looks like an API key or a private key [rows are sent to the agent: remove it, and replace the key at its provider]',
      ],
    ],
    [
      'that keys are data',
      `[{${Array.from({ length: 1_001 }, (_, i) => `"k${i}":1`).join()}}]`,
      [
        'E-R94 a.json:1: the records have more than 1,000 different keys [make the keys that are data into values]',
      ],
    ],
  ];

  test.each(named(cases))('$what', async ({ given }) => {
    expect(await check('a.json', given)).toEqual(given[2]);
  });
});

describe('An NDJSON file is told', () => {
  const cases: readonly CheckCase[] = [
    [
      'of a blank line',
      '{"a":1}\n\n{"a":2}\n',
      ['E-R99 a.ndjson:2: this line is blank [remove it]'],
    ],
    ['nothing about blank lines at the end', '{"a":1}\n{"a":2}\n\n  \n', []],
    [
      'of a list',
      '{"a":1}\n[{"a":2}]\n',
      [
        'E-R99 a.ndjson:2:1: this line is a list, not an object [a file that is one list of records is called .json]',
      ],
    ],
    [
      'of a number',
      '1\n',
      [
        'E-R99 a.ndjson:1:1: this line is a number, not an object [write it as an object with its columns as keys: { "name": "…" }]',
      ],
    ],
    [
      'of an open list',
      '[\n{"a":2}\n]\n',
      [
        'E-R98 a.ndjson:1:2: the record ends too early [close what is open with "}" or "]"]',
        'E-R98 a.ndjson:3:1: a value is expected here [write a text in double quotes, a number, true, false or null]',
      ],
    ],
    [
      'of two records on a line',
      '{"a":1} {"a":2}\n',
      [
        'E-R98 a.ndjson:1:9: there is text after the end of the record [remove it, or write it as a record of its own]',
      ],
    ],
    [
      'of each bad line',
      '{"a":1,}\r\n{"b"}\r\n{"a":1}\r\n',
      [
        'E-R98 a.ndjson:1:8: there is a comma before "}" [remove the comma]',
        'E-R98 a.ndjson:2:5: a ":" is expected here [write it between the key and its value]',
      ],
    ],
    [
      'of a byte order mark',
      '\uFEFF{"a":1}\n',
      [
        'E-R96 a.ndjson:1: the file begins with a byte order mark [save it as UTF-8 without a byte order mark]',
      ],
    ],
  ];

  test.each(named(cases))('$what', async ({ given }) => {
    expect(await check('a.ndjson', given)).toEqual(given[2]);
  });
});
