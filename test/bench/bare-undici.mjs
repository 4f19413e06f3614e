// The floor: the same requests as a run makes (create, then ask until it has ended), by undici
// alone, with nothing kept. `node bare-undici.mjs URL RECORDS AT_ONCE LATENCY_MS`.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { measure } from './measure.mjs';
import { createBody } from './request.mjs';

const [url, records, atOnce, latencyMs] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const pool = new Pool(url, { connections: atOnce, pipelining: 1 });
const headers = { 'content-type': 'application/json', 'x-api-key': 'key' };

async function one(i) {
  const created = await pool.request({
    path: '/agent/runs',
    method: 'POST',
    headers,
    body: createBody(i),
  });
  const { id } = await created.body.json();
  await sleep(latencyMs);
  for (;;) {
    const got = await pool.request({ path: `/agent/runs/${id}`, method: 'GET', headers });
    const run = await got.body.json();
    if (run.status === 'completed') return;
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
});
