import type { Ending } from '../rig/agent-api-server.ts';

/** A pipeline on the local agent over an invented country: a list, one task a record, and SQL. */
export const TOWNS: Readonly<Record<string, string>> = {
  'pipelines/towns.yaml': `version: 1
name: towns
agent: local
concurrency: 1
params:
  most: { type: integer, default: 3 }
steps:
  largest:
    query: The {{params.most}} largest towns by population.
    schema:
      type: object
      required: [towns]
      properties:
        towns:
          type: array
          items:
            type: object
            required: [name, population]
            properties:
              name: { type: string }
              river: { type: [string, 'null'] }
              population: { type: integer }
    key: name
  mayors:
    input: largest
    query: Give the mayor and the founding year of {{row.name}}.
    schema:
      type: object
      required: [name, mayor, founded]
      properties:
        name: { type: string }
        mayor: { type: [string, 'null'] }
        founded: { type: [integer, 'null'] }
    key: name
  overview:
    sql: |
      select l.name, m.mayor, l.population
      from largest l join mayors m using (name) order by l.population desc
    key: name
`,
  'pipelines/corpus/towns.csv': `name,river,population
Almstadt,Alm,412000
Birkenau,,98000
Cressfeld,Cress,251000
Dornheim,Alm,31000
`,
  'pipelines/corpus/mayors.ndjson': `{"name":"Almstadt","mayor":"Ada Quill","founded":1204}
{"name":"Birkenau","mayor":"Ben Ostler","founded":1688}
{"name":"Cressfeld","mayor":"Cora Wynd","founded":1377}
{"name":"Dornheim","mayor":"Dan Feld","founded":1402}
`,
};

/** A pipeline on a hosted agent, one task for each of four firms, and an SQL step. */
export const FIRMS: Readonly<Record<string, string>> = {
  'pipelines/firms.yaml': `version: 1
name: firms
agent: exa
effort: low
budget: 5
concurrency: 1
sources:
  crm: { file: data/crm.csv, key: domain }
steps:
  profiles:
    input: crm
    query: What does {{row.name}} ({{row.domain}}) make?
    schema:
      type: object
      required: [domain, makes]
      properties:
        domain: { type: string }
        makes: { type: string }
    key: domain
    retry: { maximum_attempts: 2 }
  summary:
    sql: select count(*) as firms from profiles
`,
  'pipelines/data/crm.csv': `domain,name
alder.example,Alder Pumps
birch.example,Birch Looms
cedar.example,Cedar Kilns
dogwood.example,Dogwood Bells
`,
};

/** What a server of the Agent API answers about a firm. */
export function profileOf({ input, query }: { input?: unknown; query: string }): Ending {
  const domain = /\(([^)]+)\)/u.exec(query + JSON.stringify(input ?? ''))?.[1] ?? '';
  return {
    structured: { domain, makes: `${domain.split('.')[0] ?? ''} goods` },
    grounding: [
      {
        field: 'structured.makes',
        citations: [{ url: `https://${domain}/about`, title: 'About us' }],
        confidence: 'high',
      },
    ],
    dollars: 0.025,
  };
}
