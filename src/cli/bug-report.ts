/** What is printed for a mistake of this program. */
export const bugReport = (error: unknown): string =>
  `This is a mistake in fieldwork, not in your files. Please report it with this text:\n${
    error instanceof Error ? (error.stack ?? error.message) : String(error)
  }`;
