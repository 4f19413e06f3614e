// The built command line, measured: `node cli.mjs run pipeline.yaml`.
import { measure } from './measure.mjs';

await measure(() => import('../../dist/cli/main.js'));
