import { expect, test } from 'vitest';
import type { StopRequest } from '../../src/cli/io.ts';
import { StopRequests } from '../../src/cli/stop-requests.ts';

interface World {
  readonly requests: StopRequests;
  nowMs: number;
  /** Codes that the process was to end with. */
  readonly exits: number[];
  readonly timers: { readonly ms: number; readonly work: () => void }[];
  readonly heard: StopRequest[];
}

function begin(hasRunner = false): World {
  const world = { nowMs: 0, exits: [], timers: [], heard: [] } as Omit<World, 'requests'>;
  const requests = new StopRequests({
    now: () => world.nowMs,
    exit: (code) => void world.exits.push(code),
    later: (ms, work) => void world.timers.push({ ms, work }),
    hasRunner,
  });
  return Object.assign(world, { requests });
}

test('where nobody listens, a request ends the process at once', () => {
  const world = begin();
  world.requests.request('ctrl-c');
  expect(world.exits).toEqual([130]);
  const other = begin();
  other.requests.request('terminate');
  expect(other.exits).toEqual([143]);
});

test('a command that watches the signal ends by itself, unless it is asked again', () => {
  const { requests, exits } = begin();
  let aborted = false;
  requests.signal.addEventListener('abort', () => void (aborted = true));
  requests.request('ctrl-c');
  expect({ aborted, exits }).toEqual({ aborted: true, exits: [] });
  expect(requests.exitCode).toBe(130);
  requests.request('ctrl-c');
  expect(exits).toEqual([130]);
});

test('a run hears of two presses; the third ends the process', () => {
  const { requests, exits, heard } = begin();
  requests.listen((request) => heard.push(request));
  requests.request('ctrl-c');
  requests.request('ctrl-c');
  expect({ heard, exits }).toEqual({ heard: ['ctrl-c', 'ctrl-c'], exits: [] });
  requests.request('ctrl-c');
  expect(exits).toEqual([130]);
});

test('under npm one press may arrive twice and counts once', () => {
  const { requests, heard, ...world } = begin(true);
  requests.listen((request) => heard.push(request));
  requests.request('ctrl-c');
  requests.request('ctrl-c');
  expect(heard).toEqual(['ctrl-c']);
  const later = begin(true);
  later.requests.listen((request) => later.heard.push(request));
  later.requests.request('ctrl-c');
  later.nowMs = 600;
  later.requests.request('ctrl-c');
  expect(later.heard).toEqual(['ctrl-c', 'ctrl-c']);
  expect(world.exits).toEqual([]);
});

test('a machine waits for seconds only: then the process ends, done or not', () => {
  const { requests, exits, timers, heard } = begin();
  requests.listen((request) => heard.push(request));
  requests.request('terminate');
  expect({ heard, exits }).toEqual({ heard: ['terminate'], exits: [] });
  expect(timers[0]?.ms).toBeLessThan(5_000);
  timers[0]?.work();
  expect(exits).toEqual([143]);
});

test('whoever has stopped listening is not asked again', () => {
  const { requests, exits, heard } = begin();
  const release = requests.listen((request) => heard.push(request));
  release();
  requests.request('ctrl-c');
  expect({ heard, exits }).toEqual({ heard: [], exits: [130] });
});
