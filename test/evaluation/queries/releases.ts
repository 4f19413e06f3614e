import {
  before,
  compare,
  during,
  from,
  noneOf,
  oneOf,
  quoted,
  ranked,
  type QuerySet,
} from './template.ts';

const BROWSERS = ['Firefox', 'Chrome', 'Safari', 'Edge', 'Opera', 'Deno'];
const ENGINES = ['Blink', 'Gecko', 'WebKit', 'V8'];
const STATUSES = ['current', 'retired', 'planned', 'beta'];

/** Releases of browsers, with versions as texts. */
export const RELEASES: QuerySet = {
  name: 'releases',
  list: 'releases',
  label: 'release',
  slots: {
    release: { type: 'string', column: 'release' },
    release_date: { type: 'string', column: 'release_date' },
    engine: { type: 'string', column: 'engine' },
    status: { type: 'string', column: 'status' },
  },
  templates: [
    {
      name: 'browser and year',
      ask: (chance) => {
        const [browser, year] = [chance.pick(BROWSERS), 2012 + chance.below(12)];
        return {
          text: chance.pick([
            `${browser} releases released in ${year}`,
            `releases of ${browser} with a release date in ${year}`,
          ]),
          gold: [oneOf('browser', browser), ...during('release_date', year)],
          where: `browser = ${quoted(browser)} and year(cast(release_date as date)) = ${year}`,
        };
      },
    },
    {
      name: 'engine and status',
      ask: (chance) => {
        const [engine, status] = [chance.pick(ENGINES), chance.pick(STATUSES)];
        return {
          text: chance.pick([
            `${status} releases with engine ${engine}`,
            `${engine} releases whose status is ${status}`,
          ]),
          gold: [oneOf('engine', engine), oneOf('status', status)],
          where: `engine = ${quoted(engine)} and status = ${quoted(status)}`,
        };
      },
    },
    {
      name: 'since',
      ask: (chance) => {
        const [browser, year, month] = [
          chance.pick(BROWSERS),
          2018 + chance.below(7),
          chance.pick(['03', '06', '09'] as const),
        ];
        const name = { '03': 'March', '06': 'June', '09': 'September' }[month];
        return {
          text: chance.pick([
            `${browser} releases since ${name} ${year}`,
            `releases of ${browser} released since ${name} ${year}`,
          ]),
          gold: [oneOf('browser', browser), from('release_date', `${year}-${month}-01`)],
          where: `browser = ${quoted(browser)} and cast(release_date as date) >= '${year}-${month}-01'`,
        };
      },
    },
    {
      name: 'newest',
      ask: (chance) => {
        const [browser, count] = [chance.pick(BROWSERS), 2 + chance.below(8)];
        return ranked(
          chance.pick([
            `the ${count} most recent releases of ${browser}`,
            `the ${count} latest ${browser} releases`,
          ]),
          ['browser', browser],
          ['release_date', 'desc'],
          count,
        );
      },
    },
    {
      name: 'two engines before',
      ask: (chance) => {
        const [one = '', two = ''] = chance.some(ENGINES, 2);
        const year = 2014 + chance.below(8);
        return {
          text: `releases with engine ${one} or ${two} released before ${year}`,
          gold: [oneOf('engine', one, two), before('release_date', `${year}-01-01`)],
          where: `engine in (${quoted(one)}, ${quoted(two)}) and cast(release_date as date) < '${year}-01-01'`,
        };
      },
    },
    {
      name: 'not engine',
      ask: (chance) => {
        const [engine, version] = [chance.pick(ENGINES), 90 + chance.below(20)];
        return {
          text: `releases with an engine version of at least ${version}, engine not ${engine}`,
          gold: [compare('engine_version', '>=', version), noneOf('engine', engine)],
          where: `cast(split_part(engine_version, '.', 1) as integer) >= ${version} and engine <> ${quoted(engine)}`,
        };
      },
    },
  ],
};
