// The script a user would write: the official SDK under p-limit, as it comes (it polls once a
// second), or asked to poll every POLL_MS. `node exa-js.mjs URL RECORDS AT_ONCE [POLL_MS]`.
import Exa from 'exa-js';
import pLimit from 'p-limit';
import { measure } from './measure.mjs';
import { createRequest } from './request.mjs';

const [url, records, atOnce, pollMs] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const options = pollMs === undefined ? {} : { pollInterval: pollMs };

await measure(async () => {
  const exa = new Exa('key', url);
  const limit = pLimit(atOnce);
  await Promise.all(
    Array.from({ length: records }, (_, i) =>
      limit(async () => {
        const run = await exa.agent.runs.create(createRequest(i));
        await exa.agent.runs.pollUntilFinished(run.id, options);
      }),
    ),
  );
});
