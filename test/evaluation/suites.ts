import type { Figure } from './figures.ts';
import type { Report } from './report.ts';
import { suiteCompanyQueries } from './suite-company-queries.ts';
import { suiteDocuments } from './suite-documents.ts';
import { suiteLinking } from './suite-linking.ts';
import { suiteLists } from './suite-lists.ts';
import { suiteParaphrases } from './suite-paraphrases.ts';
import { suitePerformance } from './suite-performance.ts';
import { suiteQueries } from './suite-queries.ts';
import { suiteRobustness } from './suite-robustness.ts';

export interface SuiteOptions {
  readonly report: Report;
  /** A file of real company queries, one JSON object a line; without it that part is left out. */
  readonly companyQueries: string | undefined;
}

export interface Suite {
  readonly title: string;
  readonly run: (options: SuiteOptions) => Promise<readonly Figure[]>;
}

/** By the letter that the command line takes. */
export const SUITES: Readonly<Record<string, Suite>> = {
  Q: {
    title: 'queries understood',
    run: async ({ report, companyQueries }) => [
      ...(await suiteQueries(report)),
      ...(await suiteParaphrases(report)),
      ...(companyQueries === undefined ? [] : await suiteCompanyQueries(companyQueries, report)),
    ],
  },
  L: { title: 'lists over records', run: ({ report }) => suiteLists(report) },
  E: { title: 'rows linked to records', run: ({ report }) => suiteLinking(report) },
  D: { title: 'values from documents', run: ({ report }) => suiteDocuments(report) },
  R: { title: 'what is meant to break it', run: ({ report }) => suiteRobustness(report) },
  P: { title: 'how long it takes', run: suitePerformance },
};
