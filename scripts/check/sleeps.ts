import type { Findings } from './check.ts';
import { millisecondsOf, shellMillisecondsOf } from './slept-time.ts';
import { isTest, type SourceFile, sourceFiles } from './source-files.ts';
import { type Ancestors, callOf, mentions, nameOf, nodeAt, parse, type SyntaxNode, visit } from './syntax.ts';

/**
 * A test waits for events, or looks often: what it sleeps adds up over a thousand tests, and a slow machine
 * makes it wrong.
 */
const LONGEST_MS = 100;
/** Whoever sleeps so long hangs on purpose, until something ends it. */
const HANG_MS = 60_000;

export const checkSleeps = (): Findings => sleepsIn(sourceFiles());

/** Tests, and what they are made of, sleep at most 100 ms of real time, and say for how long. */
export function sleepsIn(files: readonly SourceFile[]): Findings {
  return { problems: files.filter(isTest).flatMap(problemsOf) };
}

function problemsOf(file: SourceFile): string[] {
  const { root, lines } = parse(file);
  const sleepers = sleepersOf(root);
  const problems: string[] = [];
  visit(root, (node, ancestors) => {
    const sleep = sleepOf(node, ancestors, sleepers);
    if (sleep === undefined || isOfSleeper(sleep, ancestors, sleepers)) return;
    const problem = problemOf(
      sleep.unit === 'shell' ? shellMillisecondsOf(node) : millisecondsOf(sleep.amount, root),
    );
    if (problem !== undefined && !(problem === UNKNOWN && sleep.isTimer))
      problems.push(`${file.path}:${lines(node).first}: ${problem}`);
  });
  return problems;
}

const UNKNOWN = 'sleeps for a time that cannot be read here; write a number or a constant of this file';

function problemOf(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return UNKNOWN;
  return milliseconds > LONGEST_MS && milliseconds < HANG_MS
    ? `sleeps ${milliseconds} ms; at most ${LONGEST_MS}, or wait for what is to happen`
    : undefined;
}

interface Sleep {
  /** The expression of the time. */
  readonly amount: SyntaxNode | undefined;
  readonly unit: 'ms' | 'shell';
  /** A timer that nothing is seen to wait for: a reply that is late, say. */
  readonly isTimer?: boolean;
}

/** Functions that sleep, with the position of the argument that says for how long. */
type Sleepers = ReadonlyMap<string, number>;

/**
 * What a call sleeps, where it does: a promise of the clock, a named sleeper, a blocked thread or a shell.
 */
function sleepOf(node: SyntaxNode, ancestors: Ancestors, sleepers: Sleepers): Sleep | undefined {
  const call = callOf(node);
  if (call === undefined) return undefined;
  const { name, args } = call;
  const callee = nodeAt(node, 'callee');
  if (callee && makesSleeper(callee)) return { amount: args[0], unit: 'ms' };
  if (name === undefined) return undefined;
  if (/^Atomics\.wait(Async)?$/.test(name)) return args[3] && { amount: args[3], unit: 'ms' };
  if (SHELL.test(name))
    return args.some((arg) => mentions(arg, /\bsleep\b/)) ? { amount: node, unit: 'shell' } : undefined;
  const position = sleepers.get(name);
  if (position !== undefined) return { amount: args[position], unit: 'ms' };
  if (!TIMER.test(name) || isGuard(args[0], ancestors)) return undefined;
  return { amount: args[1], unit: 'ms', isTimer: !fulfils(args[0], ancestors) };
}

const TIMER = /^(globalThis\.|timers\.)?setTimeout$/;
const SHELL = /(^|\.)(exec|execSync|execFile|execFileSync|spawn|spawnSync)$/;

/** `promisify(setTimeout)`. */
function makesSleeper(node: SyntaxNode): boolean {
  const call = callOf(node);
  return /(^|\.)promisify$/.test(call?.name ?? '') && TIMER.test(callOf(node)?.args.map(nameOf)[0] ?? '');
}

/** Whether a timer ends the promise around it: `new Promise((resolve) => setTimeout(resolve, …))`. */
function fulfils(called: SyntaxNode | undefined, ancestors: Ancestors): boolean {
  return called !== undefined && executorNames(ancestors, 0).some((name) => mentionsName(called, name));
}

/** A timer that only makes something fail that takes too long: nobody waits for it. */
function isGuard(called: SyntaxNode | undefined, ancestors: Ancestors): boolean {
  if (called === undefined) return true;
  const failing = ['abort', 'kill', 'destroy', ...executorNames(ancestors, 1)];
  return failing.some((name) => mentionsName(called, name));
}

function executorNames(ancestors: Ancestors, position: number): string[] {
  return ancestors.flatMap((node) => {
    const call = callOf(node);
    const executor = call?.name === 'Promise' ? call.args[0] : undefined;
    return executor ? [parametersOf(executor)[position] ?? []].flat() : [];
  });
}

function mentionsName(node: SyntaxNode, wanted: string): boolean {
  let found = false;
  visit(node, (inner) => {
    if (inner.type === 'Identifier' && nameOf(inner) === wanted) found = true;
  });
  return found;
}

/**
 * Those of node:timers/promises under the names they have here, those that are called so by habit, and those
 * that this file makes.
 */
function sleepersOf(root: SyntaxNode): Sleepers {
  const sleepers = new Map(['pause', 'sleep', 'delay', 'scheduler.wait'].map((name) => [name, 0]));
  visit(root, (node, ancestors) => {
    for (const name of importedSleepers(node)) sleepers.set(name, 0);
    const held = nodeAt(node, 'init');
    const holder = nameOf(nodeAt(node, 'id'));
    if (held && holder !== undefined && makesSleeper(held)) sleepers.set(holder, 0);
    const given = givenByCaller(sleepOf(node, ancestors, sleepers), ancestors);
    if (given) sleepers.set(given.name, given.position);
  });
  return sleepers;
}

function importedSleepers(node: SyntaxNode): string[] {
  if (node.type !== 'ImportDeclaration') return [];
  if (!/^(node:)?timers\/promises$/.test(nameOf(nodeAt(node, 'source')) ?? '')) return [];
  const specifiers: readonly SyntaxNode[] = Array.isArray(node['specifiers']) ? node['specifiers'] : [];
  return specifiers.flatMap((specifier) => {
    const local = nameOf(nodeAt(specifier, 'local')) ?? '';
    const imported = nameOf(nodeAt(specifier, 'imported')) ?? local;
    if (specifier.type !== 'ImportSpecifier') return [`${local}.setTimeout`, `${local}.scheduler.wait`];
    return imported === 'setTimeout' ? [local] : imported === 'scheduler' ? [`${local}.wait`] : [];
  });
}

/** The calls of a sleeper are looked at, not what stands in it. */
function isOfSleeper(sleep: Sleep, ancestors: Ancestors, sleepers: Sleepers): boolean {
  const given = givenByCaller(sleep, ancestors);
  return given !== undefined && !given.isExported && sleepers.has(given.name);
}

interface Given {
  readonly name: string;
  readonly position: number;
  readonly isExported: boolean;
}

/**
 * Where the time is a parameter of a function with a name: that function sleeps for as long as it is told.
 */
function givenByCaller(sleep: Sleep | undefined, ancestors: Ancestors): Given | undefined {
  const amount = nameOf(sleep?.amount);
  if (amount === undefined) return undefined;
  for (const [depth, around] of ancestors.entries()) {
    const position = parametersOf(around).indexOf(amount);
    const holder = ancestors[depth - 1];
    const name = nameOf(nodeAt(around, 'identifier')) ?? (holder && nameOf(nodeAt(holder, 'id')));
    if (position >= 0 && name !== undefined)
      return { name, position, isExported: ancestors.some(({ type }) => type === 'ExportDeclaration') };
  }
  return undefined;
}

function parametersOf(node: SyntaxNode): (string | undefined)[] {
  const params: readonly SyntaxNode[] = Array.isArray(node['params']) ? node['params'] : [];
  return params.map(nameOf);
}
