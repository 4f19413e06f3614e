import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ResponseRecorder } from './response-recorder.ts';

/**
 * Fails a test after which a response of a watched server broke the contract. Call it at the top of
 * a test file, or of a module that test files import, and `add` each server.
 */
export function watchResponses(): Pick<ResponseRecorder, 'add' | 'responses'> {
  const recorder = new ResponseRecorder();
  const check = (): void => {
    expect(recorder.takeViolations(), 'responses that break the contract').toEqual([]);
  };
  beforeAll(() => {
    recorder.start();
  });
  afterEach(check);
  // Some servers close their last connections after the last test.
  afterAll(() => {
    recorder.stop();
    check();
  });
  return recorder;
}
