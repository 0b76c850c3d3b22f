import type { Findings } from './check.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';

const FILE_LINES = 200;
const TEST_LINES = 400;
const FUNCTION_LINES = 40;

interface Sized {
  readonly name: string;
  readonly lines: number;
}

/** Files and functions stay small; the five largest are printed so that the trend is seen. */
export function checkSizes(): Findings {
  const sources = sourceFiles();
  const files = sources.filter((file) => !isTest(file)).map(asSized);
  const tests = sources.filter(isTest).map(asSized);
  const functions = sources.filter((file) => !isTest(file)).flatMap(functionsOf);
  return {
    problems: [...over(files, FILE_LINES), ...over(tests, TEST_LINES), ...over(functions, FUNCTION_LINES)],
    report: [
      `largest files ${largest(files)}`,
      `tests ${largest(tests)}`,
      `functions ${largest(functions)}`,
      `median function ${median(functions)} lines`,
    ].join('\n     '),
  };
}

function isTest({ path }: SourceFile): boolean {
  return /\.(test|contract)\.ts$|\/test\//.test(path) || path.startsWith('test/');
}

function asSized({ path, text }: SourceFile): Sized {
  return { name: path, lines: text.split('\n').length - 1 };
}

interface Located extends Sized {
  readonly start: number;
  readonly end: number;
}

/** Functions by layout: the formatter closes each at the indentation it was opened with. A factory counts without the functions inside it: each of those counts by itself. */
function functionsOf(file: SourceFile): Sized[] {
  const whole = spansOf(file);
  return whole.map(({ name, lines, start, end }) => {
    const inside = whole.filter((other) => other.start > start && other.end < end);
    const outermost = inside.filter((one) => !inside.some((other) => other.start < one.start && other.end > one.end));
    return { name, lines: lines - outermost.reduce((sum, inner) => sum + inner.lines, 0) };
  });
}

function spansOf({ path, text }: SourceFile): Located[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const opening = OPENING.exec(line);
    const name = opening?.slice(2).find((part) => part !== undefined);
    if (opening === null || name === undefined || KEYWORDS.has(name)) return [];
    const end = lines.findIndex((candidate, index) => index > start && candidate.startsWith(`${opening[1]}}`));
    return end < 0 ? [] : [{ name: `${path}:${start + 1} ${name}`, lines: end - start + 1, start, end }];
  });
}

/** A declaration, an arrow function with a name, or a method, whose line ends with the opening brace. */
const OPENING =
  /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+).*\{$|const (\w+) = (?:async )?(?:<.*>)?\(.*=> \{$|(?:static |async |private |\*)*#?(\w+)(?:: (?:async )?)?\(.*\).*\{$)/;
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'else', 'describe', 'test', 'expect']);

function over(sized: readonly Sized[], limit: number): string[] {
  return sized.filter(({ lines }) => lines > limit).map(({ name, lines }) => `${name}: ${lines} lines; at most ${limit}`);
}

function largest(sized: readonly Sized[]): string {
  const top = sized.toSorted((a, b) => b.lines - a.lines).slice(0, 5);
  return top.map(({ name, lines }) => `${name} ${lines}`).join(', ');
}

function median(sized: readonly Sized[]): number {
  const sorted = sized.map(({ lines }) => lines).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
