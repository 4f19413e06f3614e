import { compileTemplate, type TemplateScope } from '../../src/pipeline/template.ts';

/** Values of every kind. */
export const SCOPE: TemplateScope = {
  params: { count: 40, region: 'US', public: true },
  row: {
    name: 'Acme <& Sons>',
    domain: 'acme.com',
    note: '',
    blank: ' \t\n',
    round: null,
    staff: 0,
    tags: ['ai', 'infra'],
    address: { city: 'Oslo' },
    founded: '2019-05-02',
    listed: false,
    people: [{ name: 'Ada', title: 'CTO' }, { name: 'Bob' }],
  },
  rows: [
    { name: 'Acme', domain: 'acme.com' },
    { name: 'Bolt', domain: null },
  ],
  steps: { companies: [{ name: 'Acme' }, { name: 'Bolt' }], none: [] },
  run: { date: '2026-11-22' },
};

/** The text, or the code and message of what was wrong, as a reader sees it. */
export function shown(text: string, scope: TemplateScope = SCOPE): string {
  const compiled = compileTemplate(text);
  if (!compiled.ok) {
    return compiled.error
      .map((p) => `${p.code} at "${text.slice(p.start, p.end)}": ${p.message}${help(p.hint)}`)
      .join('\n');
  }
  const rendered = compiled.value.render(scope);
  if (rendered.ok) return rendered.value;
  const { code, name, message, hint } = rendered.error;
  return `${code} ${name}: ${message}${help(hint)}`;
}

const help = (hint: string | undefined): string => (hint === undefined ? '' : ` (${hint})`);
