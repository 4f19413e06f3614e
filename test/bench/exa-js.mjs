// The script a user would write: the official SDK under p-limit. It is asked to poll every 25 ms,
// since its default of a second would decide everything. `node exa-js.mjs URL RECORDS AT_ONCE`.
import Exa from 'exa-js';
import pLimit from 'p-limit';
import { measure } from './measure.mjs';
import { createRequest } from './request.mjs';

const [url, records, atOnce] = [process.argv[2], ...process.argv.slice(3).map(Number)];

await measure(async () => {
  const exa = new Exa('key', url);
  const limit = pLimit(atOnce);
  await Promise.all(
    Array.from({ length: records }, (_, i) =>
      limit(async () => {
        const run = await exa.agent.runs.create(createRequest(i));
        await exa.agent.runs.pollUntilFinished(run.id, { pollInterval: 25 });
      }),
    ),
  );
});
