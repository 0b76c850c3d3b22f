import { checkedWorkflow, type DocumentSource, type ReadWorkflow, unreadable } from './check-document.ts';
import { readText } from './read-text.ts';

/** Reads and checks a document. Every problem is reported, not the first only. */
export function readWorkflow(text: string, source: DocumentSource): ReadWorkflow {
  const read = readText(text, source.file);
  if (!read.ok) return { workflow: null, diagnostics: read.problems.map(({ message, ...place }) => unreadable(message, source.file, place)) };
  return checkedWorkflow(read.value, source, read.locate);
}
