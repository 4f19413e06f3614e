import { expect, test } from 'vitest';
import { contactsFound } from '../../src/agent/contacts-found.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

const EMAIL = { type: 'string', format: 'email' };
const PHONE = { type: ['string', 'null'], format: 'phone' };

const count = (outputSchema: JsonObject, structured: Json, data: readonly JsonObject[] = []) =>
  contactsFound({ outputSchema, input: { data } }, structured);

test('contacts are counted wherever the schema asks for them', () => {
  const schema = {
    type: 'object',
    $defs: { contact: EMAIL },
    properties: {
      people: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            mail: { $ref: '#/$defs/contact' },
            other: { anyOf: [EMAIL, { type: 'null' }] },
            phones: { type: 'array', items: PHONE },
          },
        },
      },
      pair: { prefixItems: [EMAIL, PHONE], items: false },
    },
    additionalProperties: EMAIL,
  };
  const found = count(schema, {
    people: [
      { name: 'ada@x.example', mail: 'ada@x.example', other: null, phones: ['1', '2', null] },
      { name: 'Bob', mail: null, other: 'bob@x.example', phones: [] },
    ],
    pair: ['c@x.example', '3'],
    press: 'press@x.example',
  });
  expect(found).toEqual({ emails: 4, phones: 3 });
});

test('a place counts once, and a value that the input brought was not found', () => {
  const schema = {
    type: 'object',
    properties: { mail: EMAIL },
    allOf: [{ properties: { mail: EMAIL } }],
  };
  expect(count(schema, { mail: 'a@x.example' })).toEqual({ emails: 1, phones: 0 });
  const known = [{ contact: { mails: ['a@x.example'] } }];
  expect(count(schema, { mail: 'a@x.example' }, known)).toEqual({ emails: 0, phones: 0 });
});

test('a schema that contains itself ends, and no schema has no contacts', () => {
  const schema = {
    type: 'object',
    properties: { mail: EMAIL, boss: { $ref: '#' } },
    anyOf: [{ $ref: '#' }],
  };
  const structured = { mail: 'a@x.example', boss: { mail: 'b@x.example', boss: null } };
  expect(count(schema, structured)).toEqual({ emails: 2, phones: 0 });
  expect(contactsFound({}, structured)).toEqual({ emails: 0, phones: 0 });
  expect(count(schema, null)).toEqual({ emails: 0, phones: 0 });
});
