import type { Findings } from './check.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';
import { callOf, nameOf, nodeAt, parse, type SyntaxNode, visit } from './syntax.ts';

const OWN = 'packages/law/';

export const checkProperties = (): Findings => uncountedIn(sourceFiles());

/** Property tests count their cases: `fc.assert` also passes when it was interrupted after a few of them. */
export function uncountedIn(files: readonly SourceFile[]): Findings {
  const used = files.filter(({ path, text }) => text.includes('fast-check') && !path.startsWith(OWN));
  return { problems: used.flatMap(problemsOf), report: `${used.length} files draw cases` };
}

function problemsOf(file: SourceFile): string[] {
  const { root, lines } = parse(file);
  const uncounted = namesOf(root);
  const problems: string[] = [];
  visit(root, (node) => {
    const name = callOf(node)?.name;
    if (name !== undefined && uncounted.has(name))
      problems.push(`${file.path}:${lines(node).first}: ${name} counts no cases; use law of @statebag/law`);
  });
  return problems;
}

/** What `assert` and `check` of fast-check are called in a file. */
function namesOf(root: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(root, (node, ancestors) => {
    const local = nameOf(nodeAt(node, 'local'));
    const around = ancestors.at(-1);
    if (local === undefined || nameOf(around && nodeAt(around, 'source')) !== 'fast-check') return;
    const imported = nameOf(nodeAt(node, 'imported')) ?? local;
    if (node.type !== 'ImportSpecifier') for (const name of UNCOUNTED) names.add(`${local}.${name}`);
    else if (UNCOUNTED.includes(imported)) names.add(local);
    else if (imported === 'default') for (const name of UNCOUNTED) names.add(`${local}.${name}`);
  });
  return names;
}

const UNCOUNTED = ['assert', 'check'];
