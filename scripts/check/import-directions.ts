import type { Findings } from './check.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';

/** Data meets the layers in this order; a layer may import those before it. */
const LAYERS = [
  ['packages/contracts'],
  ['packages/state-core'],
  ['packages/runs'],
  ['packages/step-kit'],
  ['packages/rollout'],
  ['packages/workflow'],
  ['services', 'stepfunctions'],
  ['packages/local-cloud'],
  ['packages/cli'],
  ['scripts', 'test'],
] as const;

const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;

/** Imports run one way, and never past a package's exports. */
export function checkImportDirections(): Findings {
  const problems = sourceFiles().filter(isShipped).flatMap(problemsOf);
  return { problems };
}

function isShipped({ path }: SourceFile): boolean {
  return !path.endsWith('.test.ts') && !path.includes('/test/') && !path.endsWith('.contract.ts');
}

function problemsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, specifier = '']) => {
    const target = targetOf(path, specifier);
    if (target === undefined) return [];
    if (specifier.startsWith('.')) return [`${path}: imports ${specifier} from another package; use its name`];
    return layerOf(target) > layerOf(path) ? [`${path}: ${specifier} comes later in the data's way; imports run one way`] : [];
  });
}

/** The package another file belongs to, where it is not the importer's own. */
function targetOf(path: string, specifier: string): string | undefined {
  const named = /^@statebag\/([^/]+)/.exec(specifier)?.[1];
  if (named !== undefined) return LAYERS.flat().find((folder) => folder.endsWith(`/${named}`)) ?? `services/${named}`;
  if (!specifier.startsWith('.')) return undefined;
  const reached = new URL(specifier, `file:///${path}`).pathname.slice(1);
  return packageOf(reached) === packageOf(path) ? undefined : reached;
}

function packageOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'packages' || top === 'services') return `${top}/${second}`;
  return top === 'scripts' ? 'test' : top; // what spans the whole app: laws are tests at their full count
}

function layerOf(path: string): number {
  return LAYERS.findIndex((folders) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)));
}
