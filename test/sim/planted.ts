import type { AgentBackend, AgentRunPage } from '../../src/agent/agent.ts';
import { fromDollars } from '../../src/base/money.ts';
import { ok } from '../../src/base/result.ts';
import { CURRENT_PRICE_BOOK, type PriceBook } from '../../src/cost/price-book.ts';
import type { ReconcileRules } from '../../src/execution/reconcile.ts';
import type { AttemptCreated, Store } from '../../src/store/store.ts';

/** A mistake in the protocol, put in from outside: the simulation has to find it. */
export interface PlantedBug {
  readonly name: string;
  readonly agent: (agent: AgentBackend) => AgentBackend;
  readonly store: (store: Store) => Store;
  readonly rules: Partial<ReconcileRules>;
  readonly prices: PriceBook;
}

/** Everything as the product has it. */
export const NO_BUG: PlantedBug = {
  name: 'none',
  agent: (agent) => agent,
  store: (store) => store,
  rules: {},
  prices: CURRENT_PRICE_BOOK,
};

/** `whole` with other members in the place of some of its own. */
const instead = <T extends object>(whole: T, members: Partial<T>): T =>
  new Proxy(whole, {
    get: (target, name) => {
      const own: unknown = Reflect.get(members, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

/** The agent with its creates told otherwise. */
const createOtherwise =
  (otherwise: (agent: AgentBackend) => AgentBackend['create']) =>
  (agent: AgentBackend): AgentBackend =>
    instead(agent, { create: otherwise(agent) });

/** The agent with pages of its list changed. */
const listOtherwise =
  (change: (page: AgentRunPage) => AgentRunPage) =>
  (agent: AgentBackend): AgentBackend =>
    instead(agent, {
      list: async (options, signal) => {
        const page = await agent.list(options, signal);
        return page.ok ? ok(change(page.value)) : page;
      },
    });

const noIntent: PlantedBug = {
  ...NO_BUG,
  name: 'no intent is written',
  store: (store) => instead(store, { intend: () => Promise.resolve(undefined) }),
};

const intentNotAwaited: PlantedBug = {
  ...NO_BUG,
  name: 'nobody waits for the intent to be on disk',
  store: (store) =>
    instead(store, {
      intend: (entry) => {
        void store.intend(entry);
        return Promise.resolve(undefined);
      },
    }),
};

const idSavedLate: PlantedBug = {
  ...NO_BUG,
  name: 'the id is saved when the agent run has ended',
  store: (store) => {
    const late = new Map<string, AttemptCreated>();
    return instead(store, {
      created: (entry) => {
        late.set(entry.attempt, entry);
        return Promise.resolve();
      },
      settle: async (entry, answers) => {
        const created = late.get(entry.attempt);
        if (created !== undefined) await store.created(created);
        return store.settle(entry, answers);
      },
    });
  },
};

const blindRetry: PlantedBug = {
  ...NO_BUG,
  name: 'a create is sent again after status 500',
  agent: createOtherwise((agent) => async (request, signal) => {
    const first = await agent.create(request, signal);
    return first.ok || first.error.httpStatus !== 500 ? first : agent.create(request, signal);
  }),
};

const timeoutIsNothing: PlantedBug = {
  ...NO_BUG,
  name: 'a create without an answer counts as not sent',
  agent: createOtherwise((agent) => async (request, signal) => {
    const run = await agent.create(request, signal);
    if (run.ok || run.error.httpStatus !== undefined) return run;
    return { ok: false, error: { ...run.error, mayHaveCreated: false } };
  }),
};

const noSettleTime: PlantedBug = {
  ...NO_BUG,
  name: 'the settle time is 0',
  rules: { settleMs: 0 },
};

const settledBeforeAnswer: PlantedBug = {
  ...NO_BUG,
  name: 'the money is settled before the answer is on disk',
  store: (store) =>
    instead(store, {
      settle: async (entry, answers) => {
        if (answers.length > 0) await store.settle(entry, []);
        return store.settle(entry, answers);
      },
    }),
};

const firstPageOnly: PlantedBug = {
  ...NO_BUG,
  name: 'reconciliation stops at the first page',
  agent: listOtherwise(({ runs, ...page }) => ({ ...page, runs, nextCursor: undefined })),
};

const failedListIsEmpty: PlantedBug = {
  ...NO_BUG,
  name: 'a list that cannot be read counts as empty',
  agent: (agent) =>
    instead(agent, {
      list: async (options, signal) => {
        const page = await agent.list(options, signal);
        return page.ok ? page : ok({ runs: [], nextCursor: undefined });
      },
    }),
};

const onlyFinished: PlantedBug = {
  ...NO_BUG,
  name: 'only agent runs that have ended are adopted',
  agent: listOtherwise((page) => ({
    ...page,
    runs: page.runs.filter(({ status }) => status !== 'queued' && status !== 'running'),
  })),
};

const openForgotten: PlantedBug = {
  ...NO_BUG,
  name: 'open attempts of earlier processes are not looked at',
  store: (store) =>
    instead(store, {
      look: async (fingerprints) => {
        const known = await store.look(fingerprints);
        return known.map((one) => ({ ...one, open: undefined }));
      },
    }),
};

const nothingReserved: PlantedBug = {
  ...NO_BUG,
  name: 'nothing is reserved before a create',
  prices: {
    ...CURRENT_PRICE_BOOK,
    efforts: { low: { kind: 'fixed', price: fromDollars(0) } },
  },
};

export const PLANTED: readonly PlantedBug[] = [
  noIntent,
  intentNotAwaited,
  idSavedLate,
  blindRetry,
  timeoutIsNothing,
  noSettleTime,
  settledBeforeAnswer,
  firstPageOnly,
  failedListIsEmpty,
  onlyFinished,
  openForgotten,
  nothingReserved,
];
