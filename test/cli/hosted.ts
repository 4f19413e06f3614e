import { onTestFinished } from 'vitest';
import { AgentApiServer, type AgentApiServerOptions } from '../rig/agent-api-server.ts';
import { CliProject } from './cli-project.ts';
import { FIRMS, profileOf } from './projects.ts';

/** The project of firms, and a server of the Agent API that it may ask, on the project's clock. */
export async function hosted(
  answer: NonNullable<AgentApiServerOptions['answer']> = profileOf,
  options: AgentApiServerOptions = {},
): Promise<{ readonly project: CliProject; readonly server: AgentApiServer }> {
  const project = await CliProject.open(FIRMS);
  const server = await AgentApiServer.start({ answer, now: () => project.nowMs, ...options });
  onTestFinished(() => server.close());
  project.env['EXA_API_KEY'] = 'key-of-a-test';
  project.env['EXA_BASE_URL'] = server.baseUrl;
  return { project, server };
}
