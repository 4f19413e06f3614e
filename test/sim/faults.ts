import type { Chance } from './chance.ts';

export type Route = 'create' | 'get' | 'list' | 'cancel';

/** What goes wrong with one request. `processed` says whether the server does its work all the same. */
export type WireFault =
  /** No byte leaves. */
  | { readonly type: 'no-connection'; readonly code: string }
  | { readonly type: 'reset'; readonly processed: boolean }
  /** Headers or the rest of the body never come. */
  | { readonly type: 'silence'; readonly at: 'headers' | 'body'; readonly processed: boolean }
  | {
      readonly type: 'status';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly processed: boolean;
    }
  /** The right answer, made worse on its way. */
  | {
      readonly type: 'change';
      readonly change: (text: string) => string;
      readonly headers?: Readonly<Record<string, string>>;
      /** The connection breaks where the text ends. */
      readonly broken?: boolean;
    }
  /** The request, or its answer, takes its time. */
  | { readonly type: 'late'; readonly requestMs: number; readonly answerMs: number };

interface FaultKind {
  readonly name: string;
  readonly routes: readonly Route[];
  readonly make: (chance: Chance) => WireFault;
}

const ALL = ['create', 'get', 'list', 'cancel'] as const;
const READS = ['get', 'list'] as const;

const error = (code: string): string =>
  `{"error":{"type":"ERROR","code":"${code}","message":"This is ${code}."}}`;

const status = (
  code: number,
  processed: boolean,
  apiCode = 'SOME_CODE',
  headers?: Readonly<Record<string, string>>,
): WireFault => ({
  type: 'status',
  status: code,
  body: error(apiCode),
  processed,
  ...(headers !== undefined && { headers }),
});

const change = (to: (text: string) => string): WireFault => ({ type: 'change', change: to });

/** More than the simulated product takes in one body, and deeper than it reads. */
const PADDING = `"${'x'.repeat(150_000)}"`;
const NESTED = `${'['.repeat(300)}${']'.repeat(300)}`;
const withMember =
  (member: string) =>
  (text: string): string =>
    `${text.slice(0, -1)},"more":${member}}`;
export const BODY_LIMIT = 100_000;

/** Longest way of a request to the API, so that whoever waits longer knows that it is not coming. */
const LATEST_REQUEST_MS = 30_000;

const cut = (chance: Chance, broken: boolean): WireFault => {
  const share = chance.fraction();
  return {
    type: 'change',
    change: (text) => text.slice(0, Math.floor(text.length * share)),
    ...(broken && { broken }),
  };
};

/** What can go wrong on the wire and in front of the API, by name. */
const FAULTS: readonly FaultKind[] = [
  { name: 'refused', routes: ALL, make: () => ({ type: 'no-connection', code: 'ECONNREFUSED' }) },
  { name: 'no such host', routes: ALL, make: () => ({ type: 'no-connection', code: 'ENOTFOUND' }) },
  {
    name: 'no connection in time',
    routes: ALL,
    make: () => ({ type: 'no-connection', code: 'UND_ERR_CONNECT_TIMEOUT' }),
  },
  {
    name: 'reset',
    routes: ALL,
    make: (chance) => ({ type: 'reset', processed: chance.hit(0.5) }),
  },
  {
    name: 'no headers',
    routes: ALL,
    make: (chance) => ({ type: 'silence', at: 'headers', processed: chance.hit(0.7) }),
  },
  {
    name: 'body stalls',
    routes: ALL,
    make: () => ({ type: 'silence', at: 'body', processed: true }),
  },
  { name: 'body cut, noticed', routes: ALL, make: (chance) => cut(chance, true) },
  { name: 'body cut, not noticed', routes: ALL, make: (chance) => cut(chance, false) },
  {
    name: 'late request',
    routes: ALL,
    make: (chance) => ({
      type: 'late',
      requestMs: chance.between(1_000, LATEST_REQUEST_MS),
      answerMs: chance.between(0, 2_000),
    }),
  },
  {
    name: 'late answer',
    routes: ALL,
    make: (chance) => ({ type: 'late', requestMs: 20, answerMs: chance.between(1_000, 70_000) }),
  },
  { name: '500', routes: ALL, make: (chance) => status(500, chance.hit(0.5), 'INTERNAL_ERROR') },
  { name: '500 after the work', routes: ALL, make: () => status(500, true, 'INTERNAL_ERROR') },
  { name: '502', routes: ALL, make: (chance) => status(502, chance.hit(0.5)) },
  {
    name: '503 with a wish',
    routes: ALL,
    make: (chance) => status(503, chance.hit(0.3), 'UNAVAILABLE', { 'retry-after': '7' }),
  },
  { name: '504', routes: ALL, make: (chance) => status(504, chance.hit(0.7)) },
  { name: '408', routes: ALL, make: (chance) => status(408, chance.hit(0.5)) },
  { name: '499', routes: ALL, make: (chance) => status(499, chance.hit(0.5)) },
  { name: '421', routes: ALL, make: (chance) => status(421, chance.hit(0.3)) },
  { name: '409', routes: ['create'], make: (chance) => status(409, chance.hit(0.5), 'CONFLICT') },
  {
    name: 'redirect',
    routes: ALL,
    make: (chance) =>
      status(chance.pick([301, 302, 307, 308]), false, 'MOVED', {
        location: 'https://elsewhere.example/agent/runs?secret=1',
      }),
  },
  {
    name: '429',
    routes: ALL,
    make: (chance) =>
      status(
        429,
        false,
        'RATE_LIMITED',
        chance.hit(0.5) ? { 'retry-after': String(chance.between(1, 40)) } : undefined,
      ),
  },
  { name: '400', routes: ['create'], make: () => status(400, false, 'INVALID_REQUEST') },
  { name: '422', routes: ['create'], make: () => status(422, false, 'INVALID_REQUEST') },
  { name: '413', routes: ['create'], make: () => status(413, false, 'TOO_LARGE') },
  { name: '401', routes: ALL, make: () => status(401, false, 'TEAM_NOT_FOUND') },
  { name: '402', routes: ['create'], make: () => status(402, false, 'CREDIT_EXHAUSTED') },
  { name: '403', routes: ALL, make: () => status(403, false, 'FORBIDDEN') },
  { name: 'HTML', routes: ALL, make: () => change(() => '<html>Please log in</html>') },
  { name: 'empty body', routes: ALL, make: () => change(() => '') },
  { name: 'no id', routes: ALL, make: () => change((text) => text.replace('"id"', '"number"')) },
  {
    name: 'an id that is none',
    routes: ['create', 'get', 'list'],
    make: () => change((text) => text.replace(/"id":"[^"]*"/, '"id":"../../keys"')),
  },
  {
    name: 'another id',
    routes: ['get', 'cancel'],
    make: () => change((text) => text.replace(/"id":"[^"]*"/, '"id":"agent_run_of_others"')),
  },
  {
    name: 'huge body',
    routes: ['create', 'list', 'cancel'],
    make: () => change(withMember(PADDING)),
  },
  { name: 'deep JSON', routes: ALL, make: () => change(withMember(NESTED)) },
  {
    name: 'compressed',
    routes: ALL,
    make: () => ({
      type: 'change',
      change: (text) => text,
      headers: { 'content-encoding': 'gzip' },
    }),
  },
  {
    name: 'a status of tomorrow',
    routes: ['create', 'get'],
    make: () => change((text) => text.replace('"status":"running"', '"status":"pondering"')),
  },
  {
    name: 'running again',
    routes: READS,
    make: () => change((text) => text.replace('"status":"completed"', '"status":"running"')),
  },
  {
    name: 'a cost that is none',
    routes: ['get'],
    make: (chance) => {
      const cost = chance.pick(['-1', '1e999', '"much"', 'null']);
      return change((text) => text.replace(/"costDollars":\{[^}]*\}/, `"costDollars":${cost}`));
    },
  },
];

/** Faults that leave open what became of a create: most histories have some of them. */
const COMMON: ReadonlySet<string> = new Set([
  'reset',
  'no headers',
  'body stalls',
  'late request',
  '500',
  '500 after the work',
  '504',
  '429',
]);

/** How bad a history's weather is. */
export interface Weather {
  /** The shares of requests that go wrong. */
  readonly creates: number;
  readonly lists: number;
  readonly reads: number;
  readonly kinds: readonly FaultKind[];
  /** Times at which the API is down, in milliseconds from the start. */
  readonly outages: readonly (readonly [from: number, to: number])[];
}

const CREATE_RATES = [0, 0.1, 0.3, 0.6] as const;
const LIST_RATES = [0, 0.1, 0.5] as const;
const READ_RATES = [0, 0.01, 0.05, 0.2, 0.4] as const;

export function drawWeather(chance: Chance): Weather {
  const kinds = FAULTS.filter(({ name }) => chance.hit(COMMON.has(name) ? 0.7 : 0.25));
  const outages = Array.from({ length: chance.pick([0, 0, 0, 1, 2]) }, () => {
    const from = chance.between(0, 600_000);
    return [from, from + chance.magnitude(1_000, 300_000)] as const;
  });
  return {
    creates: chance.pick(CREATE_RATES),
    lists: chance.pick(LIST_RATES),
    reads: chance.pick(READ_RATES),
    kinds,
    outages,
  };
}

/** What goes wrong with the next request of a route, if anything. */
export function drawFault(
  weather: Weather,
  route: Route,
  sinceStartMs: number,
  chance: Chance,
): { readonly name: string; readonly fault: WireFault } | undefined {
  if (weather.outages.some(([from, to]) => from <= sinceStartMs && sinceStartMs < to)) {
    return { name: 'outage', fault: outageFault(chance) };
  }
  if (!chance.hit(rateOf(weather, route))) return undefined;
  const kinds = weather.kinds.filter(({ routes }) => routes.includes(route));
  const kind = kinds[Math.floor(chance.fraction() * kinds.length)];
  return kind === undefined ? undefined : { name: kind.name, fault: kind.make(chance) };
}

const rateOf = ({ creates, lists, reads }: Weather, route: Route): number =>
  route === 'create' ? creates : route === 'list' ? lists : reads;

/** An API that goes down takes some requests with it after it has worked on them. */
const outageFault = (chance: Chance): WireFault =>
  chance.pick<() => WireFault>([
    () => ({ type: 'no-connection', code: 'ECONNREFUSED' }),
    () => ({ type: 'reset', processed: chance.hit(0.2) }),
    () => status(502, chance.hit(0.1)),
    () => status(503, false),
  ])();
