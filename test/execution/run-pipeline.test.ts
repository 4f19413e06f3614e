import { describe, expect, test, vi } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import type { Json } from '../../src/base/json.ts';
import { fromDollars } from '../../src/base/money.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { PEOPLE } from '../rig/people-pipeline.ts';
import { Rig } from '../rig/rig.ts';
import { Answered, functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';

const TWO_STEPS = `${PEOPLE}
  homes:
    input: people
    query: Where does {{row.name}} live?
    schema: { type: object, required: [town], properties: { town: { type: string } } }
`;

const companyOf = (request: AgentRequest): string => {
  const value = request.input?.data?.[0]?.['company'];
  return typeof value === 'string' ? value : '';
};

const person = (name: string, company = ''): Json => ({ people: [{ name, company }] });

/** Answers with the boss of a company, and with the town of a person. */
const world = (asked: string[] = []) =>
  functionAgent((request) => {
    asked.push(request.query);
    if (request.query.startsWith('Where')) return { town: 'Oslo' };
    return person(`Boss of ${companyOf(request)}`, companyOf(request));
  });

describe('a run', () => {
  test('asks each question once, and the next run asks nothing', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    const first = await rig.run(TWO_STEPS);
    expect(first).toMatchObject({ exit: 0, status: 'succeeded' });
    expect(asked).toHaveLength(4);
    const rows = await rig.table('people');

    const second = await rig.run(TWO_STEPS);
    expect(second.exit).toBe(0);
    expect(asked).toHaveLength(4);
    expect([...second.steps.values()].map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'unchanged',
    ]);
    expect(await rig.table('people')).toEqual(rows);
  });

  test('asks only what an edited query and changed answers make necessary', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    await rig.run(TWO_STEPS);
    asked.length = 0;
    await rig.run(TWO_STEPS.replace('Where does', 'Where now does'));
    expect(asked).toEqual([
      'Where now does Boss of Acme live?',
      'Where now does Boss of Bolt live?',
    ]);
    expect(rig.eventsOf('task-started').at(-1)?.reason).toEqual({
      kind: 'changed',
      parts: ['query'],
    });
  });

  test('stops the wave at an equal new answer', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    await rig.run(TWO_STEPS);
    asked.length = 0;
    const report = await rig.run(TWO_STEPS.replace('Who runs', 'Who leads'));
    expect(asked).toEqual(['Who leads Acme?', 'Who leads Bolt?']);
    expect(report.steps.get('homes')?.counts).toMatchObject({ reused: 2, started: 0 });
  });

  test('goes on with a record as soon as its own answer is there', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    const done = rig.run(TWO_STEPS);
    const acme = await agent.nextCall();
    const bolt = await agent.nextCall();
    bolt.complete(person('Bo'), { dollars: 0 });
    const home = await agent.nextCall();
    expect(home.request?.query).toBe('Where does Bo live?');
    home.complete({ town: 'Bonn' });
    acme.complete(person('Ann'));
    (await agent.nextCall()).complete({ town: 'Aarhus' });
    expect((await done).exit).toBe(0);
    expect(await rig.table('homes')).toEqual([{ town: 'Aarhus' }, { town: 'Bonn' }]);
  });

  test('keeps the good records of an answer and lists the others', async () => {
    const rig = new Rig({
      agent: functionAgent((request) => ({
        people:
          companyOf(request) === 'Acme'
            ? [{ name: 'Ann' }, { name: 7 }, { company: 'no name' }, { name: 'ann ' }]
            : [{ name: 'Bo' }],
      })),
    });
    const report = await rig.run(PEOPLE);
    expect(report.exit).toBe(0);
    expect(await rig.table('people')).toEqual([{ name: 'Ann' }, { name: 'Bo' }]);
    const { version } = await rig.state('people');
    for await (const members of rig.store.members(version)) {
      const acme = members.find(({ task }) => task === '#1');
      expect(acme?.dropped.map(({ index, reason }) => [index, reason])).toEqual([
        [1, 'schema'],
        [2, 'schema'],
        [3, 'duplicate'],
      ]);
    }
  });

  test('keeps an answer that is no use, says so, and does not buy it again', async () => {
    let asked = 0;
    const rig = new Rig({
      agent: functionAgent((request) => {
        asked++;
        return companyOf(request) === 'Acme' ? { wrong: true } : person('Bo');
      }),
    });
    const report = await rig.run(PEOPLE);
    expect(report.exit).toBe(1);
    expect(rig.failures()).toHaveLength(1);
    expect(rig.failures()[0]).toContain('people #1: invalid-output:');
    expect(await rig.table('people')).toEqual([{ name: 'Bo', company: '' }]);
    expect((await rig.run(PEOPLE)).exit).toBe(1);
    expect(asked).toBe(2);
    await rig.run(PEOPLE, { refresh: ['people'] });
    expect(asked).toBe(4);
  });

  test('fails the record whose query cannot be rendered, and only that', async () => {
    const rig = new Rig({ agent: world() });
    const report = await rig.run(PEOPLE.replace('{ company: Bolt }', '{ company: "" }'));
    expect(report.exit).toBe(1);
    expect(rig.failures()).toHaveLength(1);
    expect(rig.failures()[0]).toContain('people #2: template:');
    expect(await rig.table('people')).toHaveLength(1);
  });

  test('asks once what two records ask alike', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    const report = await rig.run(PEOPLE.replace('company: Bolt', 'company: Acme'));
    expect(asked).toHaveLength(1);
    expect(report.exit).toBe(0);
    expect(report.steps.get('people')?.counts.tasks).toBe(2);
  });

  test('asks again after the time to live, and when asked to', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    const yaml = PEOPLE.replace('    key: name', '    key: name\n    ttl: 7d');
    await rig.run(yaml);
    rig.nowMs += 6 * 86_400_000;
    await rig.run(yaml);
    expect(asked).toHaveLength(2);
    rig.nowMs += 2 * 86_400_000;
    await rig.run(yaml);
    expect(asked).toHaveLength(4);
    expect(rig.started().slice(2)).toEqual(['people #1: stale', 'people #2: stale']);
    await rig.run(yaml, { refresh: ['people'] });
    expect(asked).toHaveLength(6);
  });
});

describe('failures', () => {
  test('are tried again only where nothing was paid', async () => {
    let tries = 0;
    const rig = new Rig({
      agent: functionAgent((request) => {
        if (companyOf(request) !== 'Acme') return person('Bo');
        tries++;
        return new Answered({
          status: 'failed',
          stopReason: 'error',
          error: { message: 'overloaded' },
        });
      }),
    });
    const report = await rig.run(PEOPLE);
    expect(report.exit).toBe(1);
    expect(tries).toBe(1);
    expect(rig.failures()).toEqual(['people #1: agent-failed: overloaded']);
    // The next run tries what failed, and nothing else.
    await rig.run(PEOPLE);
    expect(tries).toBe(2);
    expect(rig.started()).toEqual(['people #1: new', 'people #2: new', 'people #1: failed-before']);
  });

  test('of an uncharged agent run are tried again within one run', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const done = rig.run(
      PEOPLE.replace('[{ company: Acme }, { company: Bolt }]', '[{ company: A }]'),
    );
    (await agent.nextCall()).fail('overloaded', { dollars: 0 });
    (await agent.nextCall()).complete(person('Ann'), { dollars: 0.025 });
    expect((await done).exit).toBe(0);
    expect(rig.eventsOf('attempt-failed')).toHaveLength(1);
    expect((await done).spend.reported).toBe(25_000);
  });

  test('of the key stop the run, and what runs is finished', async () => {
    const agent = new ScriptedAgent();
    agent.refuseNext({ kind: 'unauthorized', message: 'bad key' });
    const rig = new Rig({ agent });
    const done = rig.run(PEOPLE);
    (await agent.nextCall()).complete(person('Bo'));
    const report = await done;
    expect(report.exit).toBe(4);
    expect(await rig.table('people')).toEqual([{ name: 'Bo', company: '' }]);
  });

  test('in doubt are sent again only once the list has shown that there is nothing', async () => {
    const agent = new ScriptedAgent();
    agent.refuseNext({ kind: 'unreachable', message: 'reset', mayHaveCreated: true });
    const rig = new Rig({ agent });
    const one = PEOPLE.replace('[{ company: Acme }, { company: Bolt }]', '[{ company: Acme }]');
    const done = rig.run(one);
    (await agent.nextCall()).complete(person('Ann'), { dollars: 0.1 });
    expect((await done).exit).toBe(0);
    expect(rig.eventsOf('attempt-found').map(({ verdict }) => verdict)).toEqual(['absent']);
    expect(agent.created).toHaveLength(1);
    expect(await rig.store.openAttempts()).toEqual([]);
  });

  test('leave an agent run that was paid for to the next run', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    const one = PEOPLE.replace('[{ company: Acme }, { company: Bolt }]', '[{ company: Acme }]');
    const done = rig.run(one);
    const call = await agent.nextCall();
    await vi.waitUntil(() => agent.waitedFor.length > 0);
    call.problem({ kind: 'unreachable', message: 'no connection' });
    expect((await done).exit).toBe(5);
    call.complete(person('Ann'), { dollars: 0.1 });
    const again = await rig.run(one);
    expect(again.exit).toBe(0);
    expect(agent.created).toHaveLength(1);
    expect(await rig.table('people')).toEqual([{ name: 'Ann', company: '' }]);
    expect(await rig.store.openAttempts()).toEqual([]);
  });
});

describe('money', () => {
  const paid = PEOPLE.replace('    key: name', '    key: name\n    effort: low');

  test('is reserved before an agent run starts, and over the cap none does', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const done = rig.run(paid, { cap: fromDollars(0.04) });
    (await agent.nextCall()).complete(person('Ann'), { dollars: 0.025 });
    const report = await done;
    expect(report).toMatchObject({
      exit: 3,
      status: 'stopped',
      spend: { reported: 25_000 },
    });
    expect(agent.created).toHaveLength(1);
    expect(report.steps.get('people')?.counts).toMatchObject({ started: 1, notStarted: 1 });
    const next = rig.run(paid, { cap: fromDollars(0.04) });
    (await agent.nextCall()).complete(person('Bo'), { dollars: 0.025 });
    expect((await next).exit).toBe(0);
    expect(agent.created).toHaveLength(2);
  });

  test('is in the ledger for every attempt', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const done = rig.run(paid);
    (await agent.nextCall()).complete(person('Ann'), { dollars: 0.025 });
    (await agent.nextCall()).fail('no', { dollars: 0.01 });
    expect((await done).spend.reported).toBe(35_000);
    const entries = [];
    for await (const portion of rig.store.ledger()) entries.push(...portion);
    const reported = entries.flatMap((it) => (it.type === 'attempt-ended' ? [it.reported] : []));
    expect(reported.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([10_000, 25_000]);
    expect(entries.filter(({ type }) => type === 'attempt-intended')).toHaveLength(2);
  });

  test('is sent as a ceiling only where the effort takes one', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const one = PEOPLE.replace('[{ company: Acme }, { company: Bolt }]', '[{ company: Acme }]');
    const auto = rig.run(
      one.replace('    key: name', '    key: name\n    effort: auto\n    max_cost: 2'),
    );
    const call = await agent.nextCall();
    expect(call.request?.budget).toEqual({ maxCostDollars: 2 });
    call.complete(person('Ann'));
    await auto;
    const low = rig.run(
      one.replace('    key: name', '    key: name\n    effort: low\n    max_cost: 2'),
    );
    const second = await agent.nextCall();
    expect(second.request?.budget).toBeUndefined();
    second.complete(person('Ann'));
    await low;
  });
});

describe('a plan', () => {
  test('says what the run then does', async () => {
    const rig = new Rig({ agent: world(), prices: CURRENT_PRICE_BOOK });
    const yaml = TWO_STEPS.replaceAll('    query:', '    effort: low\n    query:');
    const before = await rig.plan(yaml);
    expect(before).toMatchObject([
      {
        step: 'people',
        toRun: 2,
        reused: 0,
        agentRuns: 2,
        why: [{ reason: 'new', count: 2 }],
      },
      { step: 'homes', toRun: 0, waitsFor: ['people'] },
    ]);
    await rig.run(yaml);
    const after = await rig.plan(yaml);
    expect(after).toMatchObject([
      { step: 'people', toRun: 0, reused: 2, unchanged: true },
      { step: 'homes', toRun: 0, reused: 2, unchanged: true },
    ]);
    const edited = await rig.plan(yaml.replace('Where does', 'Where did'));
    expect(edited[1]).toMatchObject({ toRun: 2, why: [{ reason: 'query changed', count: 2 }] });
  });

  test('changes nothing', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    await rig.plan(TWO_STEPS);
    expect(asked).toEqual([]);
    expect(await rig.store.pipelines()).toEqual([]);
  });
});

describe('a limit', () => {
  test('starts so many tasks in each step and keeps what was reused', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: world(asked) });
    const report = await rig.run(PEOPLE, { limit: 1 });
    expect(asked).toHaveLength(1);
    expect(report.steps.get('people')?.counts).toMatchObject({ started: 1, notStarted: 1 });
    await rig.run(PEOPLE, { limit: 1 });
    expect(asked).toHaveLength(2);
    expect(await rig.table('people')).toHaveLength(2);
  });
});

describe('an interrupt', () => {
  test('starts nothing more and keeps what is done', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    const done = rig.run(`concurrency: 1\n${PEOPLE.trimStart()}`);
    const call = await agent.nextCall();
    rig.abort.abort();
    const report = await done;
    expect(report.exit).toBe(130);
    expect(agent.created).toHaveLength(1);
    // The agent run goes on; the next process waits for it again.
    call.complete(person('Ann'));
    const next = new Rig({ agent, store: rig.store });
    const again = next.run(PEOPLE);
    (await agent.nextCall()).complete(person('Bo'));
    expect((await again).exit).toBe(0);
    expect(agent.created).toHaveLength(2);
  });
});
