import { bodiesOf, type DocumentNode } from '../graph/graph-of-workflow.ts';

/** The node of a document that has the id, wherever it lies. */
export function findNode(document: object, id: string): DocumentNode | undefined {
  const { nodes = [] }: { readonly nodes?: readonly DocumentNode[] } = document;
  for (const node of nodes) {
    if (node.id === id) return node;
    for (const body of bodiesOf(node)) {
      const found = findNode(body, id);
      if (found) return found;
    }
  }
  return undefined;
}

/** Of these fields, those that stand in the expressions of a node. */
export function namedBy<Field extends { readonly name: string }>(
  configs: readonly object[],
  fields: readonly Field[],
): Field[] {
  const words = new Set(JSON.stringify(configs).match(/\w+/g));
  return fields.filter(({ name }) => words.has(name));
}

/** A part of a question to a model. */
export interface PromptPart {
  readonly role: string;
  readonly text: string;
}

/** The parts of a question, as the workflow has them or as they were sent. */
export function promptParts(question: Readonly<Record<string, unknown>>): PromptPart[] {
  const { earlier = [] } = question;
  const said = Array.isArray(earlier) ? earlier.map(({ role, content }) => ({ role, value: content })) : [];
  return [
    { role: 'system', value: question['system'] },
    ...said,
    { role: 'prompt', value: question['prompt'] },
    ...['messages', 'method', 'url', 'headers', 'body', 'payload', 'files'].map((role) => ({
      role,
      value: question[role],
    })),
  ]
    .filter(({ value }) => value !== undefined && value !== null)
    .map(({ role, value }) => ({
      role,
      text: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    }));
}
