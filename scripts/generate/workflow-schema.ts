import { workflowSchema } from '@statebag/workflow';

/** `docs/workflow.schema.json`: what editors check a workflow against. */
export function workflowSchemaText(): string {
  return `${JSON.stringify(workflowSchema(), null, 1)}\n`;
}
