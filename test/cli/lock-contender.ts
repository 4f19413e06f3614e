import { takePipelineLock } from '../../src/cli/pipeline-lock.ts';

// A process that takes the lock in the folder it is given once it is told to, says what came of
// it, and stays until its input ends.

const [folder = '', since = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  void (async () => {
    const taken = await takePipelineLock(folder, { pid: process.pid, since, work: 'test' });
    process.stdout.write(taken.ok ? 'won\n' : `lost to ${taken.error.pid}\n`);
  })();
});
