/** Two companies, and who runs each of them. */
export const PEOPLE = `
steps:
  people:
    input: [{ company: Acme }, { company: Bolt }]
    query: Who runs {{row.company}}?
    schema:
      type: object
      required: [people]
      properties:
        people:
          type: array
          items:
            type: object
            required: [name]
            properties: { name: { type: string }, company: { type: string } }
    key: name
`;
