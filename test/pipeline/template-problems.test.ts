import { describe, expect, test } from 'vitest';
import { compileTemplate, type TemplateScope } from '../../src/pipeline/template.ts';
import { SCOPE, shown } from './template-rendering.ts';

describe('what is wrong with a template, before there are records', () => {
  test.each([
    // 53, 54
    [
      'a {{row.name',
      'E-T53 at "{{row.name": the tag {{row.name is never closed (end it with "}}"; \\{{ gives literal braces)',
    ],
    [
      '{{!-- {{row.name}}',
      'E-T53 at "{{!-- {{row.name}}": the tag {{!-- {{row.name}} is never closed (end it with "--}}"; \\{{ gives literal braces)',
    ],
    [
      'x {{}} y',
      'E-T53 at "{{}}": {{}} cannot be read as a tag (write a name such as {{row.name}}, a helper with its arguments, or a block; \\{{ gives literal braces)',
    ],
    [
      '{{row.name}} {{row name=}}',
      'E-T53 at "{{row name=}}": {{row name=}} cannot be read as a tag (write a name such as {{row.name}}, a helper with its arguments, or a block; \\{{ gives literal braces)',
    ],
    [
      '{{#if row.name}}x{{/unless}}',
      'E-T53 at "{{/unless}}": {{/unless}} stands where {{#if row.name}} must be closed first (write {{/if}} here)',
    ],
    [
      'x{{/if}}',
      'E-T53 at "{{/if}}": {{/if}} closes a block that was not opened (open it before with {{#if …}}, or remove it)',
    ],
    [
      '{{"row"}}',
      'E-T53 at ""row"": a tag starts with a name or a helper (write {{row.name}}, or the text itself without braces)',
    ],
    [
      '{{#each rows}}\n{{#if name}}x{{/each}}',
      'E-T53 at "{{/each}}": {{/each}} stands where {{#if name}} must be closed first (write {{/if}} here)',
    ],
    [
      'a {{#if row.name}} b {{row.domain}}',
      'E-T54 at "{{#if row.name}}": the block {{#if row.name}} is never closed (close it with {{/if}})',
    ],
    // 55
    [
      '{{company}}',
      'E-T55 at "company": there is no variable "company" (a column of the record is written {{row.company}}, a parameter {{params.company}})',
    ],
    ['{{rwo.name}}', 'E-T55 at "rwo.name": there is no variable "rwo.name" (did you mean "row"?)'],
    [
      '{{run.time}}',
      'E-T55 at "run.time": there is no variable "run.time" (of the run there is only run.date)',
    ],
    [
      '{{#each steps}}x{{/each}}',
      'E-T55 at "steps": "steps" needs the name of a step (write steps.<name>)',
    ],
    // 56
    [
      '{{upper row.name}}',
      'E-T56 at "upper": there is no helper "upper" (helpers: if, unless, each, json, date, default)',
    ],
    [
      '{{defualt row.name "x"}}',
      'E-T56 at "defualt": there is no helper "defualt" (did you mean "default"?)',
    ],
    [
      '{{#fi row.name}}x{{/fi}}',
      'E-T56 at "fi": there is no block helper "fi" (blocks: if, unless, each)',
    ],
    [
      '{{#row.tags}}x{{/row.tags}}',
      'E-T56 at "{{#row.tags}}": a block cannot start with the name alone (write {{#if row.tags}} or {{#each row.tags}})',
    ],
    ['{{json row "x"}}', 'E-T56 at ""x"": "json" takes one value, not 2 (write {{json row}})'],
    [
      '{{#if}}x{{/if}}',
      'E-T56 at "if": "if" takes one value, not 0 (write {{#if row.name}}…{{/if}})',
    ],
    [
      '{{default row.name}}',
      'E-T56 at "{{default row.name}}": "default" takes a value and what to write in its place (write {{default row.name "text"}})',
    ],
    [
      '{{date row.founded "YY"}}',
      'E-T56 at ""YY"": "YY" is not part of a date format (write {{date row.founded "YYYY-MM-DD"}}; a format is made of YYYY MMMM MMM MM M DD D HH mm ss)',
    ],
    ['{{if row.name}}', 'E-T56 at "{{if row.name}}": "if" is a block (write {{#if …}}…{{/if}})'],
    [
      '{{row.name row.domain}}',
      'E-T56 at "row.name": "row.name" is a variable, not a helper (write {{row.name}} alone, or put a helper before it: if, unless, each, json, date, default)',
    ],
    [
      '{{json (json row)}}',
      'E-T56 at "(json row)": only date and default can stand in parentheses (write the helper in a tag of its own, such as {{json row}})',
    ],
    [
      '{{json "x"}}',
      'E-T56 at ""x"": a name is needed here (name a value, such as row.name or params.region)',
    ],
    // 57
    [
      '{{> header}}',
      'E-T57 at "{{> header}}": partials are not available in query templates (write the text itself into the query)',
    ],
    [
      '{{> (lookup row "x")}}',
      'E-T57 at "{{> (lookup row "x")}}": partials are not available in query templates (write the text itself into the query)',
    ],
    [
      '{{#> p}}x{{/p}}',
      'E-T57 at "{{#> p}}x{{/p}}": partials are not available in query templates (write the text itself into the query)',
    ],
    ['{{* d}}', 'E-T57 at "{{* d}}": decorators are not available in query templates (remove it)'],
    [
      '{{#*inline "p"}}x{{/inline}}',
      'E-T57 at "{{#*inline "p"}}x{{/inline}}": decorators are not available in query templates (remove it)',
    ],
    [
      '{{{{if row}}}}x{{{{/if}}}}',
      'E-T57 at "{{{{if row}}}}": raw blocks ({{{{…}}}}) are not available in query templates (write \\{{ for literal braces)',
    ],
    [
      '{{lookup row "name"}}',
      'E-T57 at "lookup": the helper "lookup" is not available in query templates (name the column, such as {{row.name}})',
    ],
    [
      '{{log row.name}}',
      'E-T57 at "log": the helper "log" is not available in query templates (remove it)',
    ],
    [
      '{{#with row}}x{{/with}}',
      'E-T57 at "with": the helper "with" is not available in query templates (write the whole name, such as {{row.address.city}})',
    ],
    [
      '{{@root.row.name}}',
      'E-T57 at "@root.row.name": "@root.row.name" is not available in query templates (of the names with @ there are @index, @first and @last, inside {{#each}})',
    ],
    [
      '{{@index}}',
      'E-T57 at "@index": "@index" means nothing outside {{#each}} (put it inside {{#each rows}}…{{/each}}, or remove it)',
    ],
    [
      '{{../row.name}}',
      'E-T57 at "../row.name": "../row.name" leads further out than one loop (start at the root: params, row, rows, steps or run)',
    ],
    [
      '{{#each rows}}{{../../x}}{{/each}}',
      'E-T57 at "../../x": "../../x" leads further out than one loop (start at the root: params, row, rows, steps or run)',
    ],
    [
      '{{this.row.name}}',
      'E-T57 at "this.row.name": "this.row.name" means nothing outside {{#each}} (start at the root: params, row, rows, steps or run)',
    ],
    [
      '{{#each rows as |r|}}x{{/each}}',
      'E-T57 at "{{#each rows as |r|}}": block parameters ("as |x|") are not available in query templates (leave it out: inside {{#each}} an element is {{this}}, its column {{name}})',
    ],
    [
      '{{json row indent=2}}',
      'E-T57 at "indent=2": name=value arguments are not available (give the values alone, in their order, as in {{default row.name "text"}})',
    ],
    // 58
    [
      '{{env.EXA_API_KEY}}',
      'E-T58 at "env.EXA_API_KEY": "env.EXA_API_KEY" is outside: a template sees only params, row, rows, steps and run (hand a value in as a parameter)',
    ],
    [
      '{{process.env.HOME}}',
      'E-T58 at "process.env.HOME": "process.env.HOME" is outside: a template sees only params, row, rows, steps and run (hand a value in as a parameter)',
    ],
    [
      '{{this.constructor}}',
      'E-T58 at "this.constructor": "constructor" reaches into the program, which a template cannot do (name a column or a parameter; rename a column that is called so)',
    ],
    [
      '{{row.__proto__.x}}',
      'E-T58 at "row.__proto__.x": "__proto__" reaches into the program, which a template cannot do (name a column or a parameter; rename a column that is called so)',
    ],
    [
      '{{constructor.constructor "return process"}}',
      'E-T58 at "constructor.constructor": "constructor" reaches into the program, which a template cannot do (name a column or a parameter; rename a column that is called so)',
    ],
    [
      '{{row.__lookupGetter__ "x"}}',
      'E-T58 at "row.__lookupGetter__": "__lookupGetter__" reaches into the program, which a template cannot do (name a column or a parameter; rename a column that is called so)',
    ],
    // a table as if it were one record
    [
      '{{rows.name}}',
      'E-T55 at "rows.name": rows is a list of records, and "name" is not one of them (write {{#each rows}}{{name}}{{/each}}, or {{rows.[0].name}} for the first)',
    ],
    [
      '{{#if steps.firms.name}}x{{/if}}',
      'E-T59 at "steps.firms.name": steps.firms is a list of records, and "name" is not one of them (write {{#each steps.firms}}{{name}}{{/each}}, or {{steps.firms.[0].name}} for the first)',
    ],
    // 59, 62 as far as they are certain
    [
      '{{#if company}}x{{/if}}',
      'E-T59 at "company": there is no variable "company" (a column of the record is written {{row.company}}, a parameter {{params.company}})',
    ],
    [
      '{{rows}}',
      'E-T62 at "rows": rows is a list, not text (write {{#each rows}}…{{/each}} or {{json rows}})',
    ],
    [
      '{{row}}',
      'E-T62 at "row": row is an object, not text (write a column of it or {{json row}})',
    ],
    [
      '{{#each rows}}{{this}}{{/each}}',
      'E-T62 at "this": this is an object, not text (write a column of it or {{json this}})',
    ],
    [
      '{{#each row}}x{{/each}}',
      'E-T62 at "row": "each" needs a list, and row is an object (write {{#each rows}}…{{/each}})',
    ],
    [
      '{{#each rows}}{{@first}}{{/each}}',
      'E-T62 at "@first": @first is true or false, not text (write {{#if @first}}…{{/if}})',
    ],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('all mistakes are told at once, in the order of the text', () => {
    const compiled = compileTemplate(
      '{{#if upper}}{{env.X}}{{/if}}{{#each rows}}{{@root}}{{/each}}',
    );
    expect(compiled.ok ? [] : compiled.error.map(({ code }) => code)).toEqual([
      'E-T59',
      'E-T58',
      'E-T57',
    ]);
  });

  test('places are offsets in the text, whatever ends its lines', () => {
    const text = 'a\r\nb\rc\nä😀 {{row.name}} {{nope}}';
    const compiled = compileTemplate(text);
    expect(compiled.ok ? [] : compiled.error.map((p) => text.slice(p.start, p.end))).toEqual([
      'nope',
    ]);
  });
});

describe('what is wrong with a record', () => {
  test.each([
    ['{{row.nme}}', 'E-T55 row.nme: row.nme does not exist (did you mean "name"?)'],
    [
      '{{params.contry}}',
      'E-T55 params.contry: params.contry does not exist (parameters: count, region, public)',
    ],
    [
      '{{steps.compnies.length}}',
      'E-T55 steps.compnies: steps.compnies does not exist (did you mean "companies"?)',
    ],
    [
      '{{row.domain.host}}',
      'E-T55 row.domain.host: row.domain.host does not exist: row.domain is text (leave out ".host", or name another column)',
    ],
    [
      '{{#each rows}}{{title}}{{/each}}',
      'E-T55 rows[0].title: rows[0].title does not exist (columns: name, domain)',
    ],
    ['{{default row.nme "x"}}', 'E-T55 row.nme: row.nme does not exist (did you mean "name"?)'],
    [
      '{{row.toString}}',
      'E-T55 row.toString: row.toString does not exist (columns: name, domain, note, blank, round, staff, tags, address, founded, listed, people)',
    ],
    ['{{#if row.nme}}x{{/if}}', 'E-T59 row.nme: row.nme does not exist (did you mean "name"?)'],
    [
      '{{#unless row.nme}}x{{/unless}}',
      'E-T59 row.nme: row.nme does not exist (did you mean "name"?)',
    ],
    [
      '{{#if row.round}}x{{/if}} ',
      'E-T60 : nothing is left of the text but white space (write words that hold for every record, outside of {{#if}} and {{#each}})',
    ],
    [
      'CEO of {{row.round}}?',
      'E-T61 row.round: row.round has no value (write {{default row.round "…"}}, or put the part that needs it inside {{#if row.round}}…{{/if}})',
    ],
    [
      'CEO of {{row.note}}?',
      'E-T61 row.note: row.note is empty (write {{default row.note "…"}}, or put the part that needs it inside {{#if row.note}}…{{/if}})',
    ],
    [
      '{{row.blank}}',
      'E-T61 row.blank: row.blank is empty (write {{default row.blank "…"}}, or put the part that needs it inside {{#if row.blank}}…{{/if}})',
    ],
    [
      '{{#each rows}}{{domain}}{{/each}}',
      'E-T61 rows[1].domain: rows[1].domain has no value (write {{default domain "…"}}, or put the part that needs it inside {{#if domain}}…{{/if}})',
    ],
    [
      '{{#each row.people}}{{title}}{{/each}}',
      'E-T61 row.people[1].title: row.people[1].title has no value (write {{default title "…"}}, or put the part that needs it inside {{#if title}}…{{/if}})',
    ],
    [
      '{{default row.round row.note}}',
      'E-T61 row.note: row.note is empty (write {{default row.note "…"}}, or put the part that needs it inside {{#if row.note}}…{{/if}})',
    ],
    [
      '{{date row.round}}',
      'E-T61 row.round: row.round has no value (write {{default row.round "…"}}, or put the part that needs it inside {{#if row.round}}…{{/if}})',
    ],
    [
      '{{row.address}}',
      'E-T62 row.address: row.address is an object, not text (name a property of it, such as row.address.city, or write {{json row.address}})',
    ],
    [
      '{{row.tags}}',
      'E-T62 row.tags: row.tags is a list, not text (write {{#each row.tags}}{{this}}{{/each}} or {{json row.tags}})',
    ],
    [
      '{{params.public}}',
      'E-T62 params.public: params.public is true or false, not text (write {{#if params.public}}…{{else}}…{{/if}})',
    ],
    [
      '{{#each row.domain}}x{{/each}}',
      'E-T62 row.domain: "each" needs a list, and row.domain is text (write {{row.domain}} or {{json row.domain}} without {{#each}})',
    ],
    [
      '{{date row.name}}',
      'E-T62 row.name: row.name is "Acme <& Sons>", not a date (dates are ISO 8601, such as 2026-11-22; formats are made of YYYY MMMM MMM MM M DD D HH mm ss)',
    ],
    [
      '{{date row.founded "HH:mm"}}',
      'E-T62 row.founded: row.founded is "2019-05-02", less exact than the format (dates are ISO 8601, such as 2026-11-22; formats are made of YYYY MMMM MMM MM M DD D HH mm ss)',
    ],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('a variable without a value in this step is named', () => {
    const bare: TemplateScope = { params: {}, run: SCOPE.run };
    expect(shown('{{row.name}}', bare)).toBe(
      'E-T55 row: there is no "row" here: the step has no input, or its batch is not 1 (add "input", without "batch", or write {{#each rows}}…{{/each}})',
    );
    expect(shown('{{json rows}}', bare)).toBe(
      'E-T55 rows: there is no "rows" here: the step has no input (add "input" to the step)',
    );
    expect(shown('{{json steps.a}}', bare)).toBe(
      'E-T55 steps.a: steps.a does not exist (remove it: there are no steps)',
    );
  });
});
