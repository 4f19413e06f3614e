import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordScenario } from './record-scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';

/** Writes the cassettes of all scenarios anew: `npx tsx test/pipelines/make-cassettes.ts`. */
const folder = fileURLToPath(new URL('cassettes', import.meta.url));
await mkdir(folder, { recursive: true });
for (const scenario of SCENARIOS) {
  const { text } = await recordScenario(scenario);
  await writeFile(join(folder, `${scenario.pipeline}.scenario.ndjson`), text);
}
