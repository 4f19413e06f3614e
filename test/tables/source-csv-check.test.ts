import { gzipSync } from 'node:zlib';
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

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('A CSV file is told', () => {
  const cases: readonly CheckCase[] = [
    [
      'that it is empty',
      '',
      [
        'E-R88 a.csv: the file is empty [write the file again where it comes from: it should begin with its columns]',
      ],
    ],
    [
      'that it only has blank lines',
      '\n',
      [
        'warning E-R88 a.csv:1: the file has a header and no rows [add rows below the header, or leave the steps out that read it]',
        'E-R94 a.csv:1: column 1 has no name [name it, or remove it]',
      ],
    ],
    [
      'that it only has a header',
      'a,b\n',
      [
        'warning E-R88 a.csv:1: the file has a header and no rows [add rows below the header, or leave the steps out that read it]',
      ],
    ],
    [
      'that it has too many rows',
      'a\n1\n2\n3\n',
      [
        'E-R89 a.csv: there are more than 2 rows [raise the limit with --max-rows if so many are meant]',
      ],
      { maxRows: 2 },
    ],
    [
      'that it has too many bytes',
      `a\n${'x'.repeat(1_100_000)}`,
      [
        'E-R89 a.csv: the file has 2 MB; a source has at most 1 MB [leave out the columns that are not needed]',
      ],
      { maxBytes: 1024 * 1024 },
    ],
    [
      'that it is compressed',
      gzipSync('a,b\n1,2\n'),
      [
        'E-R90 a.csv: this is compressed with gzip, not CSV [unpack it, and name the file that was in it]',
      ],
    ],
    [
      'that it is an archive',
      Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(26), Buffer.from('data.csv')]),
      ['E-R90 a.csv: this is a zip archive, not CSV [unpack it, and name the file that was in it]'],
    ],
    [
      'that it is a workbook',
      Buffer.concat([
        Buffer.from('504b0304', 'hex'),
        Buffer.alloc(26),
        Buffer.from('[Content_Types].xml'),
      ]),
      ['E-R90 a.csv: this is an Excel workbook, not CSV [export the sheet as "CSV UTF-8"]'],
    ],
    [
      'that it is Parquet',
      'PAR1....',
      ['E-R90 a.csv: this is a Parquet file, not CSV [let its name end with .parquet]'],
    ],
    [
      'that it is UTF-16',
      Buffer.from('\uFEFFa,b\n', 'utf16le'),
      ['E-R96 a.csv: the file is UTF-16 [save it as UTF-8]'],
    ],
    [
      'where a quote was opened',
      'a,b\n1,2\n3,"4\n5,6\n',
      [
        'E-R92 a.csv:3:3: a quote is opened here and never closed [close it at the end of the cell; a quote inside a cell is written twice]',
      ],
    ],
    [
      'where a quote was opened in a record of several lines',
      'a,b\n"x\ny","z\n5,6\n',
      [
        'E-R92 a.csv:3:4: a quote is opened here and never closed [close it at the end of the cell; a quote inside a cell is written twice]',
      ],
    ],
    [
      'where a quote was opened, however much follows',
      `a,b\n1,"${'x,y\n'.repeat(600_000)}`,
      [
        'E-R92 a.csv:2:3: a quote is opened here and never closed [close it at the end of the cell; a quote inside a cell is written twice]',
      ],
    ],
    [
      'that a record is too long',
      `a,b\n1,2\n3,${'x'.repeat(1_100_000)}\n`,
      [
        'E-R92 a.csv:3: a record is longer than 1 MB [a quote may be open: a quote inside a cell in quotes is written twice]',
      ],
    ],
    [
      'that text stands beside quotes',
      'a,b\n1,"x"y\n',
      [
        'E-R92 a.csv:2:6: there is something beside the quotes of a cell [quotes stand around the whole cell, and a quote inside is written twice]',
      ],
    ],
    [
      'that a space stands before a quote',
      'a,b\n1, "x"\n',
      [
        'E-R92 a.csv:2:4: there is something beside the quotes of a cell [quotes stand around the whole cell, and a quote inside is written twice]',
      ],
    ],
    [
      'that lines end in two ways',
      'a,b\r\n1,2\r\n3,4\n',
      [
        'E-R92 a.csv:3: this line ends in another way than those before it [save the file with one kind of line end]',
      ],
    ],
    [
      'which rows are uneven',
      'a,b\n1,2\n3\n4,5,6\n7\n',
      [
        'E-R93 a.csv:3: rows 2 and 4 have 1 cell; the header has 2 [add the cells that are missing; an empty cell needs its separator too]',
        'E-R93 a.csv:4: row 3 has 3 cells; the header has 2 [put quotes around cells that contain a comma]',
      ],
    ],
    [
      'of many uneven rows the first',
      `a,b\n${'1\n'.repeat(20)}`,
      [
        'E-R93 a.csv:2: rows 1, 2, 3, 4, 5 and 15 more have 1 cell; the header has 2 [add the cells that are missing; an empty cell needs its separator too]',
      ],
    ],
    [
      'that a name comes twice',
      'a,b,a\n1,2,3\n',
      ['E-R94 a.csv:1: two columns are called "a" [rename one]'],
    ],
    [
      'that a name is empty',
      'a,,c\n1,2,3\n',
      ['E-R94 a.csv:1: column 2 has no name [name it, or remove it]'],
    ],
    [
      'that names differ only by case',
      'Name,name\n1,2\n',
      [
        'E-R94 a.csv:1: "Name" and "name" differ only in upper and lower case [rename one: SQL takes them for the same column]',
      ],
    ],
    [
      'that a name is reserved',
      'a,__proto__\n1,2\n',
      ['E-R94 a.csv:1: a column cannot be called "__proto__" [rename it]'],
    ],
    [
      'that it is separated by semicolons',
      'a;b\n1;2\n',
      [
        'E-R95 a.csv:1: the header is one column, "a;b": separated by ";"? [save the file with commas between the cells]',
      ],
    ],
    [
      'that it is separated by tabs',
      'a\tb\n1\t2\n',
      [
        'E-R95 a.csv:1: the header is one column, "a b": separated by tabs? [let its name end with .tsv]',
      ],
    ],
    [
      'which byte is not UTF-8',
      latin1('a,b\n1,2\ncafé,3\n'),
      ['E-R96 a.csv:3:4: the byte at offset 11 is not UTF-8 [save the file as UTF-8]'],
    ],
    [
      'which byte is not UTF-8 after a byte order mark',
      Buffer.concat([Buffer.from('efbbbf', 'hex'), latin1('a\né\n')]),
      ['E-R96 a.csv:2:1: the byte at offset 5 is not UTF-8 [save the file as UTF-8]'],
    ],
    [
      'that a character is cut at the end',
      Buffer.from('a\n\xc3', 'latin1'),
      ['E-R96 a.csv:2:1: the byte at offset 2 is not UTF-8 [save the file as UTF-8]'],
    ],
    [
      'of white space around a name',
      'a, b\n1,2\n',
      ['E-R97 a.csv:1: there is white space around the column name " b" [remove it]'],
    ],
    ['of a NUL', 'a,b\n1,x\0y\n', ['E-R101 a.csv:2:4: there is a NUL character [remove it]']],
    [
      'that the key column is missing',
      'domains,b\n1,2\n',
      ['E-R102 a.csv:1: there is no column "domain", which is the key [did you mean "domains"?]'],
      { key },
    ],
    [
      'where the key is empty',
      'domain,b\n,1\nx,2\n" ",3\n',
      [
        'E-R102 a.csv:2: the key (domain) is empty in rows 1 and 3 [fill it in, or choose another key]',
      ],
      { key },
    ],
    [
      'where the key is the same',
      'domain,b\na.io,1\nb.io,2\na.io,3\nb.io,4\na.io,5\n',
      [
        'E-R102 a.csv:4: the key (domain) is the same in rows 1, 3 and 5 ("a.io"), rows 2 and 4 ("b.io") [remove the repeated rows, or add a column to the key]',
      ],
      { key },
    ],
    [
      'where keys are the same to Unicode',
      'domain\ncafe\u0301.io\ncaf\u00e9.io\n',
      [
        'warning E-R103 a.csv:3: the key (domain) differs only in spelling in rows 1 and 2 ("cafe\u0301.io") [such rows count as one record: the first of them is kept]',
      ],
      { key },
    ],
    [
      'where keys are the same after normalising',
      'domain,b\nwww.A.io,1\nhttps://a.io/,2\n',
      [
        'warning E-R103 a.csv:3: the key (domain) differs only in spelling in rows 1 and 2 ("www.A.io") [such rows count as one record: the first of them is kept]',
      ],
      { key },
    ],
    [
      'of a secret',
      `a,b\n1,${SECRET}\n`,
      [
        'warning E-R104 a.csv:2:3: this looks like an API key or a private key [rows are sent to the agent: remove it, and replace the key at its provider]',
      ],
    ],
    [
      'of a cell that is too long',
      `a,b\n1,2\n3,${'x'.repeat(70_000)}\n`,
      [
        'E-R105 a.csv:3: a cell in row 2 is over 64 KB [shorten it, or leave its column out: an agent is asked about few words]',
      ],
    ],
    ['nothing about formulas', 'a,b\n=1+1,"=HYPERLINK(""x"")"\n', []],
    ['nothing about a byte order mark', '\uFEFFa,b\n1,2\n', []],
    ['nothing about blank lines', 'a,b\n1,2\n\n3,4\n\n', []],
    [
      'all that is wrong at once',
      'a,A,c\n1,2\n',
      [
        'E-R94 a.csv:1: "a" and "A" differ only in upper and lower case [rename one: SQL takes them for the same column]',
        'E-R93 a.csv:2: row 1 has 2 cells; the header has 3 [add the cells that are missing; an empty cell needs its separator too]',
      ],
    ],
  ];

  test.each(named(cases))('$what', async ({ given }) => {
    expect(await check('a.csv', given)).toEqual(given[2]);
  });
});

describe('A TSV file is told', () => {
  test('that it is separated by commas', async () => {
    expect(await check('a.tsv', ['', 'a,b\n1,2\n', []])).toEqual([
      'E-R95 a.tsv:1: the header is one column, "a,b": separated by commas? [let its name end with .csv]',
    ]);
  });
});

test('A secret and a broken character are found where two blocks meet', async () => {
  const limits = { maxRows: 1_000_000 };
  const before = 'a\n'.padEnd(256 * 1024 - 10, 'x\n');
  expect(await check('edge.csv', ['', `${before} ${SECRET}\n`, [], limits])).toEqual([
    expect.stringMatching(/^warning E-R104 edge\.csv:\d+:2: this looks like an API key/u),
  ]);
  const euro = `${'a\n'.padEnd(256 * 1024 - 1, 'x\n')}€\n`;
  expect(await check('euro.csv', ['', euro, [], limits])).toEqual([]);
});
