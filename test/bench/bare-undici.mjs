// The floor: the same requests as a run makes (create, then ask until it has ended), by undici
// alone, with nothing kept. With a folder, it does the least that a run that never pays twice must:
// a durable note before the create, one of the agent run's id, and the answer, each waited for.
// `node bare-undici.mjs URL RECORDS AT_ONCE LATENCY_MS [FOLDER]`.
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from 'lmdb';
import { Pool } from 'undici';
import { measure } from './measure.mjs';
import { createBody } from './request.mjs';

const url = process.argv[2];
const [records, atOnce, latencyMs] = process.argv.slice(3, 6).map(Number);
const folder = process.argv[6];
const pool = new Pool(url, { connections: atOnce, pipelining: 1 });
const headers = { 'content-type': 'application/json', 'x-api-key': 'key' };

const store =
  folder === undefined
    ? undefined
    : open({ path: folder, overlappingSync: false, encoding: 'json' });
const keep = (key, value) => store?.put(key, value);

async function one(i) {
  await keep(`intent ${i}`, { at: Date.now(), query: i });
  const created = await pool.request({
    path: '/agent/runs',
    method: 'POST',
    headers,
    body: createBody(i),
  });
  const { id } = await created.body.json();
  await keep(`created ${i}`, { at: Date.now(), id });
  await sleep(latencyMs);
  for (;;) {
    const got = await pool.request({ path: `/agent/runs/${id}`, method: 'GET', headers });
    const run = await got.body.json();
    if (run.status === 'completed') {
      await keep(`answer ${i}`, run);
      return;
    }
    await sleep(5);
  }
}

await measure(async () => {
  let next = 0;
  const worker = async () => {
    while (next < records) await one(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await pool.close();
  await store?.close();
});
