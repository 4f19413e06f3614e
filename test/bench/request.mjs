// The request that every client of the bench makes for record `i`.
const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    overview: { type: 'string' },
    founded: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
};

export const createRequest = (i) => ({
  query: `Describe the company company-${i} (company-${i}.example) in two sentences.`,
  input: { data: [{ name: `company-${i}`, domain: `company-${i}.example`, rank: String(i) }] },
  outputSchema: SCHEMA,
  effort: 'low',
});

export const createBody = (i) => JSON.stringify(createRequest(i));
