import type { Json, JsonObject } from '@statebag/contracts';
import { analyseFlow } from './compile/analyse-flow.ts';
import { compileFlow } from './compile/compile-flow.ts';
import { checkDocument, type DocumentSource } from './document/check-document.ts';
import { type Diagnostic, located, type Path, type Place } from './document/diagnostics.ts';
import { readText } from './document/read-text.ts';
import { isTooDeep, TOO_DEEP, type ValueProblem, valueProblems } from './document/readable-json.ts';
import type { Workflow } from './document/workflow.ts';

/** The workflow, or null where an error stands among the diagnostics. */
export interface ReadWorkflow {
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks a document. Every problem is reported, not the first only. */
export function readWorkflow(text: string, source: DocumentSource): ReadWorkflow {
  const read = readText(text, source.file);
  if (read.ok) return checked(read.value, source, read.locate);
  const diagnostics = read.problems.map(({ line, column, ...finding }) =>
    located(finding, { file: source.file, locate: () => ({ line, column }) }),
  );
  return { workflow: null, diagnostics };
}

/** The same for a document that came as a value: no problem has a line, since there is no text. */
export function readDocument(document: JsonObject, source: DocumentSource): ReadWorkflow {
  const problems: readonly ValueProblem[] = isTooDeep(document)
    ? [{ code: 'unreadable', at: [], message: TOO_DEEP }]
    : valueProblems(document);
  if (problems.length === 0) return checked(document, source, () => null);
  return {
    workflow: null,
    diagnostics: problems.map((problem) => located(problem, { file: source.file, locate: () => null })),
  };
}

/** What stands in the document is checked first, then what only its compiled flow shows. */
function checked(value: Json, source: DocumentSource, locate: (path: Path) => Place | null): ReadWorkflow {
  const { workflow, report, places, parse, texts } = checkDocument(value, source);
  if (workflow && report.isSound()) {
    const flow = compileFlow(workflow, { reducers: workflow.reducers, parse });
    analyseFlow(flow, workflow, { report, places, texts });
  }
  const diagnostics = report.findings.map((finding) => located(finding, { file: source.file, locate }));
  return { workflow: report.hasErrors() ? null : workflow, diagnostics: withoutRepeats(diagnostics) };
}

/** A file that is used several times has its mistakes once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}
