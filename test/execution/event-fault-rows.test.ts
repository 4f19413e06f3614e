import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { socketWorld, THREE } from './socket-world.ts';

// What goes wrong with the events of an agent run, by the rows of the fault matrix: whole runs.

const ONE = THREE.replace(',{"id":"b"},{"id":"c"}', '');

const event = (id: number | string, name: string, text = '{}'): string =>
  `id: ${id}\nevent: ${name}\ndata: ${text}\n\n`;

const ENDED = 'agent_run.completed';

const cut = (response: ServerResponse, text: string): void => {
  response.write(text);
  setImmediate(() => response.socket?.end());
};

describe('the events of an agent run', () => {
  test.each<readonly [row: string, say: (response: ServerResponse, nth: number) => void]>([
    ['row 31: cut in the middle', (response) => cut(response, event(1, 'agent_run.started'))],
    [
      'row 31: cut, and told to the end by the next stream',
      (response, nth) => {
        if (nth === 1) cut(response, event(1, 'agent_run.started'));
        else response.end(event(2, ENDED));
      },
    ],
    [
      'row 32: told twice, out of turn, unknown and without JSON',
      (response) => {
        for (const id of [3, 3, 1, 2]) response.write(event(id, 'agent_run.started'));
        response.write(event('x', 'agent_run.of_tomorrow', '{ no JSON'));
        response.end(event(1, ENDED));
      },
    ],
    [
      'row 34: that tell an end long before there is one',
      (response) => {
        response.end(event(1, ENDED));
      },
    ],
    [
      'row 34: that tell another end than there is',
      (response) => {
        response.end(event(1, 'agent_run.failed'));
      },
    ],
  ])('%s: change nothing but when it is looked at', async (_, say) => {
    let streams = 0;
    const world = await socketWorld(
      {
        durationMs: 90_000,
        events: (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          say(response, ++streams);
        },
      },
      { followEvents: true },
    );
    const before = world.clock.now();
    expect(await world.run(ONE)).toMatchObject({ exit: 0, spend: { reported: 25_000 } });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(90_000);
    expect(await world.rig().table('towns')).toEqual([{ town: 'Oslo' }]);
    expect(streams).toBeGreaterThan(0);
    expect(world.server.counts.create).toBe(1);
    // As many looks as without any event.
    expect(world.server.counts.get).toBeLessThan(100);
  });

  test.each<readonly [row: string, say: (response: ServerResponse) => void]>([
    [
      'row 33: with one that is larger than a megabyte',
      (response) => {
        response.write(event(1, 'agent_run.started', `"${'x'.repeat(2_000_000)}"`));
      },
    ],
    [
      'row 33: more than ten thousand of them',
      (response) => {
        for (let id = 1; id <= 10_001; id++) response.write(event(id, 'agent_run.search_trace'));
      },
    ],
  ])('%s: are hung up on, and it is looked at without', async (_, say) => {
    let streams = 0;
    let hungUp: (() => void) | undefined;
    const isHungUp = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const world = await socketWorld(
      {
        durationMs: 90_000,
        events: (_request, response) => {
          streams++;
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.on('close', () => hungUp?.());
          say(response);
        },
      },
      { followEvents: true, timeouts: { postHeaders: 5_000, getHeaders: 5_000, body: 5_000 } },
    );
    // Time stands still until it has an answer: it has none while the stream is open.
    world.server.fault('get', 1, { type: 'late', until: isHungUp });
    const begun = world.clock.now();
    expect(await world.run(ONE)).toMatchObject({ exit: 0, spend: { reported: 25_000 } });
    // As soon after its end as without events, of which there are no more.
    expect(world.clock.now() - begun).toBeLessThan(120_000);
    expect(streams).toBe(1);
    expect(world.server.counts.get).toBeGreaterThan(3);
    expect(await world.rig().table('towns')).toEqual([{ town: 'Oslo' }]);
  });
});
