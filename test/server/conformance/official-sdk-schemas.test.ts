import { describe, expect, test } from 'vitest';
import { startServer } from '../start-server.ts';
import { officialSdks } from './official-sdk.ts';

const sdks = await officialSdks();

const SOON = { pollInterval: 2 };

describe.each(sdks)('$name, output schemas', (sdk) => {
  const { betas, zod } = sdk;

  test('a zod schema arrives as JSON Schema, and what comes back passes it', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const { z } = zod;
    const firms = z.object({
      firms: z.array(
        z.object({
          name: z.string(),
          website: z.string().url().nullable(),
          founded: z.number().int().optional(),
          stage: z.enum(['seed', 'series-a']),
        }),
      ),
    });
    const created = await runs.create({ query: 'Find firms.', outputSchema: firms, ...betas });
    expect(created.request['outputSchema']).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['firms'],
      additionalProperties: false,
    });
    const run = await runs.pollUntilFinished(created.id, { ...SOON, ...betas });
    expect(firms.parse(run.output.structured)).toEqual(run.output.structured);
    expect(run.output.structured).toMatchObject({ firms: [{ stage: 'seed' }] });
  });

  test('contacts that are found are counted and priced on top', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const outputSchema = {
      type: 'object',
      required: ['offices'],
      properties: {
        offices: {
          type: 'array',
          maxItems: 1,
          items: {
            type: 'object',
            properties: {
              website: { type: 'string', format: 'uri' },
              email: { type: 'string', format: 'email' },
              phone: { type: 'string', format: 'phone' },
            },
          },
        },
      },
    };
    const { id } = await runs.create({
      query: 'Find offices.',
      outputSchema,
      effort: 'low',
      ...betas,
    });
    const run = await runs.pollUntilFinished(id, { ...SOON, ...betas });
    expect(run.output.structured).toEqual({
      offices: [
        { website: 'https://acme.example', email: 'ada@acme.example', phone: '+1 555 0100' },
      ],
    });
    expect(run.usage).toMatchObject({ emails: 1, phoneNumbers: 1 });
    expect(run.costDollars).toEqual({
      total: 0.115,
      agentCompute: 0.025,
      search: 0,
      emails: 0.02,
      phoneNumbers: 0.07,
    });
  });

  test.each([
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
  ])('a schema of %s is taken', async ($schema) => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const outputSchema = { $schema, type: 'object', properties: { name: { type: 'string' } } };
    const { id, request } = await runs.create({ query: 'Find one.', outputSchema, ...betas });
    expect(request['outputSchema']).toEqual(outputSchema);
    expect(await runs.pollUntilFinished(id, { ...SOON, ...betas })).toMatchObject({
      status: 'completed',
      output: { structured: { name: 'Acme' } },
    });
  });
});
