import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LLM_KEY_VARIABLE, type Parameter, parameterOfVariable } from './local-parameters.ts';

/** The address is kept beside the journal: any process that runs the cloud finds it, with each call. */
const FILE = 'provider.json';

/**
 * Keeps the address of the OpenAI-compatible service for all runs of a data directory, those under way too.
 * It may hold a password, so only the owner reads it. The key stays in the environment: the process that runs
 * the cloud has it, or has none.
 */
export function keepProvider(dataDir: string, base_url: string): void {
  const path = join(dataDir, FILE);
  writeFileSync(`${path}.new`, JSON.stringify({ base_url }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** What functions read as the settings of the service. */
export function keptProvider(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
): Parameter {
  const path = join(dataDir, FILE);
  if (!existsSync(path))
    return {
      missing: 'nobody has given the address of the service: statebag run … --provider-url <address>',
    };
  const { base_url } = JSON.parse(readFileSync(path, 'utf8'));
  const key = environment[LLM_KEY_VARIABLE] ? { key_parameter: parameterOfVariable(LLM_KEY_VARIABLE) } : {};
  return { value: JSON.stringify({ base_url, ...key }) };
}
