import type { Findings } from './check.ts';
import { isTest, type SourceFile, sourceFiles } from './source-files.ts';
import { nameOf, nodeAt, parse, type Syntax, type SyntaxNode, visit } from './syntax.ts';

/**
 * Where to look twice. None is a target: what is one idea stands in one file, and nothing is cut in half to
 * stay under a number.
 */
const FILE_LINES = 300;
const TEST_LINES = 500;
const FUNCTION_LINES = 80;
const SHORT_FILE = 30;
const MOST_SHORT_FILES = 0.25;
const WIDE_LINE = 110;
const MOST_WIDE_LINES = 0.007;

interface Sized {
  readonly name: string;
  readonly lines: number;
}

interface SizedFunction extends Sized {
  readonly isNamed: boolean;
}

export const checkSizes = (): Findings => sizesOf(sourceFiles());

/** Sizes of files and functions; the five largest of each are printed, so that the trend is seen. */
export function sizesOf(files: readonly SourceFile[]): Findings {
  const all = files.map(measured);
  const tests = all.filter(({ file }) => isTest(file));
  const shipped = all.filter(({ file }) => !isTest(file));
  const functions = shipped.flatMap((each) => each.functions);
  const shares = sharesOf(shipped);
  return {
    problems: [
      ...over(shipped.map(asSized), FILE_LINES),
      ...over(tests.map(asSized), TEST_LINES),
      ...over(functions, FUNCTION_LINES),
      ...shares.problems,
    ],
    report: [
      `largest files ${largest(shipped.map(asSized))}`,
      `tests ${largest(tests.map(asSized))}`,
      `functions ${largest(functions)}`,
      `medians: a file ${median(shipped.map(asSized))} lines, a function with a name ${median(functions.filter(({ isNamed }) => isNamed))} lines`,
      `without tests: ${shares.report}`,
    ].join('\n     '),
  };
}

interface Measured {
  readonly file: SourceFile;
  readonly lines: readonly string[];
  readonly functions: readonly SizedFunction[];
  readonly importLines: number;
}

function measured(file: SourceFile): Measured {
  const syntax = parse(file);
  return {
    file,
    lines: file.text.replace(/\n$/, '').split('\n'),
    functions: functionsOf(file, syntax),
    importLines: importLinesOf(syntax),
  };
}

const asSized = ({ file, lines }: Measured): Sized => ({ name: file.path, lines: lines.length });

/** Shares of the whole: short files, wide lines, imports. */
function sharesOf(all: readonly Measured[]): Findings & { readonly report: string } {
  const lines = all.flatMap((each) => each.lines);
  const short = all.filter((each) => each.lines.length <= SHORT_FILE).length;
  const wide = lines.filter((line) => [...line].length > WIDE_LINE).length;
  const imports = all.reduce((sum, { importLines }) => sum + importLines, 0);
  const problems: string[] = [];
  if (short > all.length * MOST_SHORT_FILES)
    problems.push(
      `${short} of ${all.length} files have ${SHORT_FILE} lines or fewer; more than a quarter is confetti`,
    );
  if (wide > lines.length * MOST_WIDE_LINES)
    problems.push(`${wide} of ${lines.length} lines are wider than ${WIDE_LINE} columns; at most 0.7 %`);
  return {
    problems,
    report: [
      `${all.length} files, ${lines.length} lines`,
      `${percent(short, all.length)} of the files have ${SHORT_FILE} lines or fewer`,
      `${percent(wide, lines.length)} of the lines are wider than ${WIDE_LINE}`,
      `${percent(imports, lines.length)} are imports`,
    ].join(', '),
  };
}

const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);

/** Every function from its first line to its last, those inside of it included. */
function functionsOf({ path }: SourceFile, { root, lines }: Syntax): SizedFunction[] {
  const found: SizedFunction[] = [];
  visit(root, (node, ancestors) => {
    if (!FUNCTIONS.has(node.type)) return;
    const { first, last } = lines(node);
    const name = nameOfFunction(node, ancestors.at(-1));
    found.push({
      name: `${path}:${first} ${name ?? 'a function without a name'}`,
      lines: last - first + 1,
      isNamed: name !== undefined,
    });
  });
  return found;
}

/** Its own name, or that of the variable or member that holds it. */
function nameOfFunction(node: SyntaxNode, holder: SyntaxNode | undefined): string | undefined {
  const own = nameOf(nodeAt(node, 'identifier')) ?? nameOf(nodeAt(node, 'key'));
  const held = holder && (nameOf(nodeAt(holder, 'id')) ?? nameOf(nodeAt(holder, 'key')));
  return own ?? held;
}

const IMPORTS: ReadonlySet<string> = new Set(['ImportDeclaration', 'ExportAllDeclaration']);

function importLinesOf({ root, lines }: Syntax): number {
  let count = 0;
  visit(root, (node) => {
    const passesOn = node.type === 'ExportNamedDeclaration' && nodeAt(node, 'source') !== undefined;
    if (!passesOn && !IMPORTS.has(node.type)) return;
    const { first, last } = lines(node);
    count += last - first + 1;
  });
  return count;
}

function over(sized: readonly Sized[], limit: number): string[] {
  return sized
    .filter(({ lines }) => lines > limit)
    .map(({ name, lines }) => `${name}: ${lines} lines; at most ${limit}`);
}

function largest(sized: readonly Sized[]): string {
  const top = sized.toSorted((a, b) => b.lines - a.lines).slice(0, 5);
  return top.map(({ name, lines }) => `${name} ${lines}`).join(', ');
}

function median(sized: readonly Sized[]): number {
  const sorted = sized.map(({ lines }) => lines).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
