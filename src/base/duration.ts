const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `90s`, `15m`, `6h`, `30d`, `2w` to milliseconds; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** The two largest units: `350ms`, `4.2s`, `3m 52s`, `2h 5m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole}ms`;
  // Rounded before it is compared, so that nothing is ever `60.0s`.
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const units = [
    ['d', UNIT_MS.d],
    ['h', UNIT_MS.h],
    ['m', UNIT_MS.m],
    ['s', UNIT_MS.s],
  ] as const;
  const length = Math.max(whole, UNIT_MS.m);
  const at = units.findIndex(([, size]) => length >= size);
  const [large, small] = [units[at] ?? units[3], units[at + 1]];
  const rest = small === undefined ? 0 : Math.floor((length % large[1]) / small[1]);
  const head = `${Math.floor(length / large[1])}${large[0]}`;
  return small === undefined || rest === 0 ? head : `${head} ${rest}${small[0]}`;
}
