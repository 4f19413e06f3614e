// Runs `work` and prints, as the last line, what the whole process took: CPU seconds of all its
// threads, wall seconds, and its peak memory. Anonymous memory is sampled apart, because a mapped
// state file counts as resident while it is only page cache.
import { readFileSync, writeSync } from 'node:fs';

const anonymousMb = () => {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};

export async function measure(work) {
  let peak = 0;
  const sample = () => {
    peak = Math.max(peak, anonymousMb());
  };
  const timer = setInterval(sample, 100);
  const start = performance.now();
  process.on('exit', () => {
    sample();
    const usage = process.resourceUsage();
    const figures = {
      cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      wallSeconds: (performance.now() - start) / 1e3,
      peakMb: usage.maxRSS / 1024,
      peakAnonymousMb: peak,
    };
    writeSync(2, `\n@figures ${JSON.stringify(figures)}\n`);
  });
  await work();
  clearInterval(timer);
}
