/** Randomness as the program sees it; a test gives a seeded one. */
export interface Random {
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}
