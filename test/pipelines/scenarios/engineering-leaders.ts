import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, type Reply, textIn } from '../scripted-replies.ts';

const leader = (
  domain: string,
  name: string,
  title: string,
  contacts: { readonly email?: string; readonly phone?: string; readonly linkedin?: string | null },
): JsonObject => ({
  company_domain: domain,
  name,
  job_title: title,
  email: contacts.email ?? null,
  phone: contacts.phone ?? null,
  linkedin_url:
    contacts.linkedin === undefined
      ? `https://www.linkedin.example/in/${name.toLowerCase().replaceAll(' ', '-')}`
      : contacts.linkedin,
});

const leadersOf = (domain: string, people: readonly JsonObject[]): Reply => ({
  asked: 'lead engineering',
  about: domain,
  answer: listOf('people', people, () => `https://${domain}/team`),
});

/** One email is none, one profile that the schema requires is null, one company has no page. */
export const ENGINEERING_LEADERS: Scenario = {
  pipeline: 'engineering-leaders',
  runs: [DAY_ONE],
  replies: [
    {
      asked: 'build AI infrastructure',
      answer: listOf(
        'companies',
        [
          {
            name: 'Quillstone',
            domain: 'quillstone.example',
            round: 'Series B',
            headquarters: 'Austin',
          },
          {
            name: 'Lumenrack',
            domain: 'lumenrack.example',
            round: 'Series A',
            headquarters: 'Boston',
          },
          {
            name: 'Pebblecache',
            domain: 'pebblecache.example',
            round: 'Series A',
            headquarters: null,
          },
          {
            name: 'Kestrel Inference',
            domain: 'kestrel.example',
            round: 'Series B',
            headquarters: 'Denver',
          },
        ],
        (record) => `https://${textIn(record, 'domain')}/about`,
      ),
    },
    leadersOf('quillstone.example', [
      leader('quillstone.example', 'Ada Bergqvist', 'VP Engineering', {
        email: 'ada@quillstone.example',
        phone: '+1 512 555 0143',
      }),
      leader('quillstone.example', 'Tomas Okwuosa', 'Head of Platform', {
        email: 'tomas@quillstone.example',
      }),
    ]),
    leadersOf('lumenrack.example', [
      leader('lumenrack.example', 'Ines Valtierra', 'Chief Technology Officer', {
        email: 'ines@lumenrack.example',
        phone: '+1 617 555 0188',
      }),
      leader('lumenrack.example', 'Ravi Sundquist', 'Director of Engineering', {
        email: 'ravi at lumenrack',
      }),
      leader('lumenrack.example', 'Mona Feldrake', 'Director of Infrastructure', {
        linkedin: null,
      }),
    ]),
    leadersOf('pebblecache.example', []),
    leadersOf('kestrel.example', [
      leader('kestrel.example', 'Jules Amberson', 'VP Engineering', { phone: '+1 303 555 0119' }),
    ]),
  ],
};
