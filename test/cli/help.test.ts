import { describe, expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';
import { FIRMS, TOWNS } from './projects.ts';

describe('help', () => {
  test('names all commands, the exit codes, and where anything is sent', async () => {
    const project = await CliProject.open();
    await project.call('--help');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('help'));
  });

  test.each(['validate', 'plan', 'run', 'rebuild', 'status', 'show', 'cost', 'graph', 'serve'])(
    'of %s names its options',
    async (command) => {
      const project = await CliProject.open();
      const { exit, error } = await project.call(command, '--help');
      expect({ exit, error }).toEqual({ exit: 0, error: '' });
      await expect(project.takeTranscript()).toMatchFileSnapshot(golden(`help-${command}`));
    },
  );
});

describe('a call that makes no sense exits with 2 and says what would', () => {
  test.each([
    ['no command'],
    ['an unknown command', 'rnu'],
    ['an unknown option', 'run', 'towns', '--fast'],
    ['a missing argument', 'plan'],
    ['too many arguments', 'graph', 'towns', 'firms'],
    ['a limit that is no number', 'run', 'towns', '--limit', 'ten'],
    ['a limit below one', 'run', 'towns', '--limit', '-1'],
    ['a cost that is no amount', 'run', 'towns', '--max-cost', '$2'],
    ['a parameter without a value', 'plan', 'towns', '--param', 'most'],
    ['an unknown parameter', 'plan', 'towns', '--param', 'mots=4'],
    ['a parameter of the wrong type', 'plan', 'towns', '--param', 'most=many'],
    ['an unknown step', 'run', 'towns', '--step', 'mayor'],
    ['an unknown step to refresh', 'plan', 'towns', '--refresh', 'larges'],
    ['an unknown agent', 'run', 'towns', '--agent', 'locl'],
    ['an unknown pipeline', 'run', 'twons'],
    ['a pipeline never run', 'status', 'towns'],
    ['no such pipeline to show', 'show', 'nosuch', 'largest'],
    ['nearly the name of a pipeline to show', 'show', 'twons'],
  ])('%s', async (name, ...argv) => {
    const project = await CliProject.open({ ...TOWNS, ...FIRMS });
    const { exit, out } = await project.call(...argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    await expect(project.takeTranscript()).toMatchFileSnapshot(
      golden(`usage-${name.replaceAll(' ', '-')}`),
    );
  });
});
