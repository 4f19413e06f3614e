type CellType = 'BOOLEAN' | 'BIGINT' | 'DOUBLE' | 'DATE';

const CANDIDATES: readonly CellType[] = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE'];

const WHOLE = /^(?:0|-?[1-9]\d{0,15})$/u;
/** At most 15 digits, at most 6 of them after the point and no zero last: a double prints it so. */
const NUMBER = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,8})\.\d{0,5}[1-9])$/u;
const DAY = /^(?!0000)\d{4}-\d\d-\d\d$/u;

/**
 * What the cells of one column are, for SQL: a type when every cell prints back as it was written,
 * else text. So `01234`, `1.50`, `1e3` and `+1` stay as they are.
 */
export class CellTypes {
  #possible: readonly CellType[] = CANDIDATES;
  #any = false;

  /** False once the column is text whatever comes. */
  get open(): boolean {
    return this.#possible.length > 0;
  }

  /** Empty cells say nothing. */
  add(cell: string | null): void {
    if (cell === null) return;
    this.#any = true;
    const possible = this.#possible;
    for (const type of possible) {
      if (!fits(type, cell)) this.#possible = this.#possible.filter((other) => other !== type);
    }
  }

  get type(): string {
    return (this.#any ? this.#possible[0] : undefined) ?? 'VARCHAR';
  }
}

function fits(type: CellType, cell: string): boolean {
  switch (type) {
    case 'BOOLEAN':
      return cell === 'true' || cell === 'false';
    case 'BIGINT':
      return WHOLE.test(cell) && Number.isSafeInteger(Number(cell));
    case 'DOUBLE':
      return NUMBER.test(cell);
    case 'DATE': {
      if (!DAY.test(cell)) return false;
      const time = Date.parse(`${cell}T00:00:00Z`);
      return !Number.isNaN(time) && new Date(time).toISOString().startsWith(cell);
    }
  }
}
