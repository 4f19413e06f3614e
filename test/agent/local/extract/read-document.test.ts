import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../../../src/agent/local/extract/read-document.ts';
import { valueInQuote } from '../../../../src/agent/local/claims/value-in-quote.ts';
import { pointedAt, read, stated } from '../document-rig.ts';

const HTML = `<!doctype html><html><head><title>Acme Robotics | Overview</title>
<link rel="canonical" href="https://acme.example/about">
<meta property="og:email" content="hello@acme.example">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
 {"@type":"BreadcrumbList","name":"Home"},
 {"@type":"Organization","name":"Acme Robotics","foundingDate":"2015-03-01",
  "numberOfEmployees":{"@type":"QuantitativeValue","value":250},
  "address":{"@type":"PostalAddress","addressLocality":"Berlin"},
  "founder":[{"@type":"Person","name":"Ana \\"A\\" Silva"},{"@type":"Person","name":"Jon Berg"}]}]}</script></head>
<body><nav>Imprint: none</nav><h1>Acme Robotics</h1>
<table class="infobox"><caption>Acme</caption><tr><th>CEO</th><td>Jane&nbsp;<b>Doe</b></td></tr>
<tr><th>Revenue</th><td>&euro;12.5 million</td></tr></table>
<dl><dt>Industry</dt><dd>Robots &amp; arms</dd></dl>
<table><tr><th>Model</th><th>Price</th></tr><tr><td>R1</td><td>$900</td></tr><tr><td>R2</td><td>$1,200</td></tr></table>
<p hidden>Acme Robotics was founded in 1066.</p></body></html>`;

describe('HTML', () => {
  const document = read('html', HTML);

  test('says what it is about, and its own address', () => {
    expect(document).toMatchObject({
      subject: 'Acme Robotics',
      title: 'Acme Robotics | Overview',
      url: 'https://acme.example/about',
      types: ['organization'],
    });
  });

  test('states properties in its mark-up, its infobox and its lists, but not where it is hidden', () => {
    expect(stated(document)).toEqual([
      'email hello@acme.example',
      'name Acme Robotics',
      'founded 2015-03-01',
      'employees 250',
      'city Berlin',
      'founder Ana "A" Silva',
      'founder Jon Berg',
      'CEO Jane Doe',
      'Revenue €12.5 million',
      'Industry Robots & arms',
    ]);
  });

  test('every value is at its place in the file, codes and mark-up included', () => {
    const places = document.facts.map((fact) => pointedAt(HTML, fact));
    expect(places.slice(3)).toEqual([
      '250',
      'Berlin',
      String.raw`Ana \"A\" Silva`,
      'Jon Berg',
      'Jane&nbsp;<b>Doe',
      '&euro;12.5 million',
      'Robots &amp; arms',
    ]);
  });

  test('tables with a row for each thing are tables', () => {
    expect(document.tables.map(({ header, rows }) => [header, rows.length])).toEqual([
      [['Model', 'Price'], 2],
    ]);
  });

  test('microdata is read with the names of schema.org', () => {
    const page = read(
      'html',
      `<h1>Jo</h1><div itemscope itemtype="https://schema.org/Person"><span itemprop="name">Jo Kim</span>
       <time itemprop="birthDate" datetime="1980-02-01">long ago</time>
       <div itemprop="address" itemscope><span itemprop="addressLocality">Oslo</span></div></div>`,
    );
    expect(stated(page)).toEqual(['name Jo Kim', 'born 1980-02-01', 'city Oslo']);
  });
});

const MARKDOWN = `---
name: Bolt Data
url: https://bolt.example/
tags: [storage, "fast & small"]
---
# Bolt Data

**Founded:** 2018
**HQ:** San *Francisco*

- Employees: 80
- **Website**: https://bolt.example

| Field | Value |
| --- | --- |
| Capital | $2 million |

## Price list

| Plan | Price |
| --- | --- |
| Basic | $5 |
| Large | $50 |
`;

test('Markdown states properties in front matter, lines, lists and tables', () => {
  const document = read('markdown', MARKDOWN);
  expect([document.subject, document.url]).toEqual(['Bolt Data', 'https://bolt.example/']);
  expect(stated(document)).toEqual([
    'name Bolt Data',
    'website https://bolt.example/',
    'tags storage',
    'tags fast & small',
    'Founded 2018',
    'HQ San Francisco',
    'Employees 80',
    'Website https://bolt.example',
    'Capital $2 million',
  ]);
  expect(document.facts.map((fact) => pointedAt(MARKDOWN, fact))).toContain('San *Francisco');
  expect(document.tables[0]).toMatchObject({ caption: 'Price list', header: ['Plan', 'Price'] });
});

test('line ends of two characters move no place', () => {
  const source = MARKDOWN.replaceAll('\n', '\r\n');
  const document = read('markdown', source);
  expect(stated(document)).toEqual(stated(read('markdown', MARKDOWN)));
  for (const fact of document.facts) {
    expect(pointedAt(source, fact).replaceAll('*', '')).toContain(fact.text);
  }
});

test('a page about several things says of each what stands in its section', () => {
  const document = read(
    'markdown',
    '# Cities\n\n## Aford\n\n- Mayor: Jo Kim\n- People: 12\n\n## Bford\n\n- Mayor: Al Ray\n- People: 7\n',
  );
  expect(stated(document)).toEqual([
    'name Cities',
    'Aford: Mayor Jo Kim',
    'Aford: People 12',
    'Bford: Mayor Al Ray',
    'Bford: People 7',
  ]);
});

test('plain text has a title, lines with labels and prose', () => {
  const source =
    'Aford\n=====\n\nMayor: Jo Kim\n\nAford has a population of\n1,200. It was founded in 1850.\n';
  const document = read('text', source);
  expect(stated(document)).toEqual([
    'name Aford',
    'Mayor Jo Kim',
    'population 1,200',
    'founded 1850',
  ]);
  expect(document.sentences.map(({ span }) => source.slice(span.start, span.end))).toContain(
    'Aford has a population of\n1,200.',
  );
});

test('a document that is cut off is refused whole, with the reason', () => {
  const cut = [
    ['html', '<html><body><h1>Acme</h1><p>Founded in 19', 'it ends before its closing </html>'],
    ['html', '<h1>Acme</h1><p class="x', 'it ends in the middle of a tag'],
    [
      'html',
      '<script type="application/ld+json">{"name": "A</script><p>x</p>',
      'its JSON-LD cannot be read',
    ],
    ['markdown', '---\nname: Acme\n# Acme\n', 'its front matter has no end'],
    ['markdown', '---\nname: [Acme\n---\n# Acme\n', 'its front matter cannot be read'],
    ['html', '<html><body></body></html>', 'it has no text'],
  ] as const;
  for (const [format, source, error] of cut) {
    expect(readDocument('page', format, source)).toEqual({ ok: false, error });
  }
});

test('hostile documents end, and soon', () => {
  const deep = 20_000;
  const hostile = [
    ['html', '<div>'.repeat(deep)],
    ['html', `<p>${'<b>'.repeat(deep)}x`],
    ['html', `<script type="application/ld+json">${'['.repeat(deep)}${']'.repeat(deep)}</script>`],
    ['html', `<table>${'<tr><td>'.repeat(2_000)}`],
    ['markdown', '> '.repeat(5_000)],
    ['markdown', `${'['.repeat(deep)}x`],
    ['markdown', `${'*a '.repeat(deep)}`],
    ['markdown', `---\na: ${'['.repeat(5_000)}\n---\n`],
    [
      'markdown',
      `---\na: &a [x]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]\n---\nText.`,
    ],
    ['text', `${'the the '.repeat(deep)} of ${'1,111'.repeat(5_000)}`],
    ['text', `${'A'.repeat(100_000)}: ${' '.repeat(100_000)}x`],
    ['text', `Acme Acme ${'Of The '.repeat(deep)}was founded in `],
  ] as const;
  for (const [format, source] of hostile) {
    const result = readDocument('page', format, source);
    expect(typeof result.ok).toBe('boolean');
  }
}, 60_000);

test('what any text states is in the file at the place that is given', () => {
  const word = fc.constantFrom(
    'Acme',
    'was',
    'founded',
    'in',
    '2015',
    '.',
    'Its',
    'CEO',
    'is',
    'Jo Kim',
    'employs',
    '1,200',
    'people',
    '<b>',
    '</b>',
    '&amp;',
    '**',
    '\n\n',
    '# ',
    '- ',
    ': ',
    '|',
    '$5 million',
    'Founded',
    'é',
    '😀',
  );
  const source = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.constantFrom('html', 'markdown', 'text'), source, (format, text) => {
      const document = readDocument('page', format, text);
      for (const fact of document.ok ? document.value.facts : []) {
        const { start, end } = fact.span;
        if (end === 0) continue;
        expect(start).toBeLessThan(end);
        const raw = text.slice(start, end);
        const shown =
          format === 'text' ? raw : raw.replace(/<[^>]*>|[*#|]/gu, ' ').replaceAll('&amp;', '&');
        expect([fact.text, shown, valueInQuote(fact.text, shown)]).toEqual([
          fact.text,
          shown,
          true,
        ]);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});
