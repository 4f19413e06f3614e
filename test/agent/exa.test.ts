import { backendCases } from './backend.cases.ts';
import { EXA_REQUESTS, exaSubject } from './exa-subject.ts';

backendCases('exa', EXA_REQUESTS, () => exaSubject());
