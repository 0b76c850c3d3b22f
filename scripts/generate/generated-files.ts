import { errorReference } from './error-reference.ts';
import { jsonSchemas } from './json-schemas.ts';
import { machineDrawings } from './machine-drawings.ts';
import { nodeTypeReferenceText } from './node-type-reference.ts';
import { openApiText } from './open-api.ts';
import { parameterReference } from './parameter-reference.ts';
import { priceReference } from './price-reference.ts';
import { stateMachines } from './state-machines.ts';
import { validators } from './validators.ts';
import { workflowSchemaText } from './workflow-schema.ts';

/** Every derived file of the repository: path from the root → text. */
export async function generatedFiles(): Promise<Map<string, string>> {
  return new Map([
    ...validators(),
    ...jsonSchemas(),
    ...stateMachines(),
    ['docs/errors.md', errorReference()],
    ['docs/openapi.json', openApiText()],
    ['docs/state-machines.md', machineDrawings()],
    ['docs/workflow.schema.json', workflowSchemaText()],
    ['docs/parameters.md', parameterReference()],
    ['docs/prices.md', priceReference()],
    ['docs/node-types.md', nodeTypeReferenceText()],
  ]);
}
