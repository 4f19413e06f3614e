import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, Pool, request } from 'undici';

interface State {
  readonly cpuSeconds: number;
  readonly anonymousMb: number;
  readonly heapMb: number;
}

interface Served {
  readonly url: string;
  state(): Promise<State>;
  release(): void;
  close(): Promise<void>;
}

const HEADERS = { 'x-api-key': 'bench', 'content-type': 'application/json' };
const STREAM = { ...HEADERS, accept: 'text/event-stream' };

/** A server of serve-server.mjs; with `body`, the bare one. */
async function serveChild(folder: string, body?: string): Promise<Served> {
  const script = join(import.meta.dirname, 'serve-server.mjs');
  const child: ChildProcess = fork(script, [folder], {
    execArgv: ['--expose-gc'],
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
  child.stdin?.end(body);
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    state: async () => {
      const answer = once(child, 'message') as Promise<[State]>;
      child.send('state');
      return (await answer)[0];
    },
    release: () => void child.send('release'),
    close: async () => {
      const closed = once(child, 'close');
      child.disconnect();
      await closed;
    },
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** How long health takes to answer, one request after the other, until told to end. */
function watchHealth(url: string): () => Promise<readonly number[]> {
  const times: number[] = [];
  const agent = new Agent({ connections: 1 });
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      const start = performance.now();
      const { body } = await request(`${url}/healthz`, { dispatcher: agent });
      await body.dump();
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await agent.close();
  })();
  return async () => {
    ended = true;
    await watching;
    return times.sort((a, b) => a - b);
  };
}

/** Creates a run and reads its stream to the end; gives the ids of its events. */
async function createAndRead(
  url: string,
  n: number,
  agent: Agent,
  begun: () => void,
): Promise<string> {
  const { statusCode, body } = await request(`${url}/agent/runs`, {
    method: 'POST',
    headers: STREAM,
    body: JSON.stringify({ query: `Describe company ${n}.`, metadata: { n: String(n) } }),
    dispatcher: agent,
    bodyTimeout: 0,
    headersTimeout: 0,
  });
  if (statusCode !== 200) throw new Error(`${statusCode} ${await body.text()}`);
  let text = '';
  for await (const part of body.setEncoding('utf8') as AsyncIterable<string>) {
    text += part;
    if (text.includes('agent_run.started')) begun();
  }
  return (text.match(/^id: .*$/gmu) ?? []).join();
}

async function inFlight(server: Served, print: (line: string) => void): Promise<void> {
  const runs = 1_000;
  const agent = new Agent({ connections: runs });
  const health = watchHealth(server.url);
  const streams: Promise<string>[] = [];
  // A few creates at a time, and each next one when one of them is under way.
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (streams.length < runs) {
        const n = streams.length;
        await new Promise<void>((resolve, reject) => {
          const stream = createAndRead(server.url, n, agent, resolve);
          stream.catch(reject);
          streams.push(stream);
        });
      }
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const state = await server.state();
  server.release();
  const ids = await Promise.all(streams);
  const times = await health();
  await agent.close();
  const wrong = ids.filter((each) => each !== 'id: 1,id: 2,id: 3').length;
  print(
    `  ${runs} runs in flight with a reader each: ${state.anonymousMb.toFixed(0)} MB anonymous`,
  );
  print(`  streams that lack an event or have one twice: ${wrong} of ${runs}`);
  print(
    `  health meanwhile, over ${times.length} requests: median ${quantile(times, 0.5).toFixed(1)} ms,` +
      ` 99 % ${quantile(times, 0.99).toFixed(1)} ms, worst ${(times.at(-1) ?? NaN).toFixed(1)} ms`,
  );
}
/** Each connection is new, reads a stream and is closed. */
async function connections(
  server: Served,
  id: string,
  print: (line: string) => void,
): Promise<void> {
  const open = async (): Promise<void> => {
    const agent = new Agent({ connections: 1 });
    const { body } = await request(`${server.url}/agent/runs/${id}/events`, {
      headers: STREAM,
      dispatcher: agent,
    });
    await body.dump();
    await agent.destroy();
  };
  const states: State[] = [];
  for (const upTo of [1_000, 10_000]) {
    for (let n = states.length * 1_000; n < upTo; n += 50) {
      await Promise.all(Array.from({ length: 50 }, open));
    }
    states.push(await server.state());
  }
  const [few, many] = states.map(
    (state) => `${state.anonymousMb.toFixed(0)} MB anonymous, ${state.heapMb.toFixed(1)} MB heap`,
  );
  print(`  after  1,000 connections: ${few ?? ''}`);
  print(`  after 10,000 connections: ${many ?? ''}`);
}

/** Requests a second, and what one takes of the server's processor. */
async function requests(
  server: Served,
  path: string,
): Promise<{ perSecond: number; micros: number }> {
  const count = 20_000;
  const pool = new Pool(server.url, { connections: 32 });
  const get = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers: HEADERS });
    await body.dump();
    if (statusCode !== 200) throw new Error(String(statusCode));
  };
  const some = async (times: number): Promise<void> => {
    let left = times;
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (left-- > 0) await get();
      }),
    );
  };
  await some(2_000);
  const before = await server.state();
  const start = performance.now();
  await some(count);
  const seconds = (performance.now() - start) / 1e3;
  const after = await server.state();
  await pool.close();
  const micros = ((after.cpuSeconds - before.cpuSeconds) / count) * 1e6;
  return { perSecond: count / seconds, micros };
}

/** The server under load, all over loopback. */
export async function benchServe(print: (line: string) => void): Promise<void> {
  print('\nServer: state on disk, all over loopback');
  const folder = mkdtempSync(join(tmpdir(), 'fieldwork-bench-'));
  const server = await serveChild(folder);
  await inFlight(server, print);
  const listed = await request(`${server.url}/agent/runs?limit=1`, { headers: HEADERS });
  const { data } = (await listed.body.json()) as { data: readonly [{ readonly id: string }] };
  const path = `/agent/runs/${data[0].id}`;
  await connections(server, data[0].id, print);
  const run = await (await request(server.url + path, { headers: HEADERS })).body.text();
  const bare = await serveChild('bare', run);
  const rows = [
    ['GET of a run', await requests(server, path)],
    ['bare node:http, the same bytes', await requests(bare, '/')],
  ] as const;
  for (const [name, { perSecond, micros }] of rows) {
    print(
      `  ${name.padEnd(31)} ${perSecond.toFixed(0).padStart(6)} requests/s, ${micros.toFixed(0).padStart(4)} µs of CPU each (${run.length} bytes)`,
    );
  }
  await bare.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
