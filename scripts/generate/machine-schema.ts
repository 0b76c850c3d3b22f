import { definitionSchema } from '@statebag/states';

/** `docs/asl.schema.json`: what editors check a state machine against. */
export function machineSchemaText(): string {
  return `${JSON.stringify(definitionSchema(), null, 1)}\n`;
}
