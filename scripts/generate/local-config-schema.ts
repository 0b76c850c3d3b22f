import { LocalConfigSchema } from '@statebag/deployment/local-config';

/** `docs/statebag.config.schema.json`: what editors check a configuration of the command line against. */
export function localConfigSchemaText(): string {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  return `${JSON.stringify({ $schema, title: 'statebag.config', ...LocalConfigSchema }, null, 1)}\n`;
}
