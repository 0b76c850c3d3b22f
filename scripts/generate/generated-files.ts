import { actionFiles } from './actions.ts';
import { apiFunctions } from './api-functions.ts';
import { doctorPages } from './doctor-reference.ts';
import { errorReference } from './error-reference.ts';
import { jsonSchemas } from './json-schemas.ts';
import { localConfigSchemaText } from './local-config-schema.ts';
import { machineDrawings } from './machine-drawings.ts';
import { machineSchemaText } from './machine-schema.ts';
import { nodeTypeReferenceText } from './node-type-reference.ts';
import { openApiText } from './open-api.ts';
import { parameterReference } from './parameter-reference.ts';
import { priceReference } from './price-reference.ts';
import { resourceSpecification } from './resource-specification.ts';
import { stackReference } from './stack-reference.ts';
import { stateMachines } from './state-machines.ts';
import { validators } from './validators.ts';
import { workflowSchemaText } from './workflow-schema.ts';

/** Every derived file of the repository: path from the root → text. */
export async function generatedFiles(): Promise<Map<string, string>> {
  return new Map([
    ...actionFiles(),
    ...validators(),
    ...jsonSchemas(),
    ...stateMachines(),
    ...doctorPages(),
    apiFunctions(),
    ['docs/errors.md', errorReference()],
    ['docs/asl.schema.json', machineSchemaText()],
    ['docs/openapi.json', openApiText()],
    ['docs/state-machines.md', machineDrawings()],
    ['docs/workflow.schema.json', workflowSchemaText()],
    ['docs/statebag.config.schema.json', localConfigSchemaText()],
    ['docs/parameters.md', parameterReference()],
    ['docs/stacks.md', await stackReference()],
    ['docs/prices.md', priceReference()],
    ['docs/node-types.md', nodeTypeReferenceText()],
    ['packages/local-cloud/src/cloudformation/generated/resources.json', resourceSpecification()],
  ]);
}
