import { parseSync } from '@swc/core';
import type { SourceFile } from './source-files.ts';

/** A node of the syntax tree as swc gives it: which members it has depends on its type. */
export interface SyntaxNode {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [member: string]: unknown;
}

/** What stands around a node, outermost first. */
export type Ancestors = readonly SyntaxNode[];

/** The syntax of one file, and where its nodes stand. */
export interface Syntax {
  readonly root: SyntaxNode;
  /** First and last line of a node, counted from 1. */
  lines(node: SyntaxNode): { readonly first: number; readonly last: number };
}

export function parse({ path, text }: SourceFile): Syntax {
  const root = parseSync(text, {
    syntax: path.endsWith('.ts') ? 'typescript' : 'ecmascript',
    target: 'es2024',
  }) as unknown as SyntaxNode; // parse boundary: swc's own types say the same in a thousand lines
  const starts = lineStarts(Buffer.from(text));
  return {
    root,
    lines: ({ span }) => {
      if (!span) throw new TypeError(`${path}: a node without a place`);
      // swc counts bytes from 1, and the end is behind the last one
      return { first: lineAt(starts, span.start - 1), last: lineAt(starts, Math.max(0, span.end - 2)) };
    },
  };
}

/** Visits every node below `root`, outer ones first. */
export function visit(
  root: SyntaxNode,
  seen: (node: SyntaxNode, ancestors: Ancestors) => void,
  ancestors: Ancestors = [],
): void {
  seen(root, ancestors);
  const below = [...ancestors, root];
  for (const member of Object.values(root)) for (const node of nodesIn(member)) visit(node, seen, below);
}

function nodesIn(member: unknown): SyntaxNode[] {
  if (Array.isArray(member)) return member.flatMap(nodesIn);
  if (typeof member !== 'object' || member === null) return [];
  if (isNode(member)) return [member];
  return Object.values(member).flatMap(nodesIn); // an argument: { spread, expression }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The node that a member holds, or nothing. */
export function nodeAt(node: SyntaxNode, member: string): SyntaxNode | undefined {
  const held = node[member];
  return isNode(held) ? held : undefined;
}

/** The name of an identifier, or of the identifier that a pattern or parameter is. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === 'Identifier' || node.type === 'StringLiteral' || node.type === 'PrivateName')
    return String(node['value'] ?? nameOf(nodeAt(node, 'id')));
  return node.type === 'Parameter' ? nameOf(nodeAt(node, 'pat')) : undefined;
}

export interface Call {
  /** `f` of `f()`, `a.f` of `a.f()`; nothing where what is called has no name. */
  readonly name: string | undefined;
  readonly args: readonly SyntaxNode[];
}

/** What a node calls, where it calls something. */
export function callOf(node: SyntaxNode): Call | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  const given = Array.isArray(node['arguments']) ? node['arguments'] : [];
  return {
    name: dottedName(nodeAt(node, 'callee')),
    args: given.map((argument: { readonly expression: unknown }) => argument.expression).filter(isNode),
  };
}

export function dottedName(node: SyntaxNode | undefined): string | undefined {
  if (node?.type !== 'MemberExpression') return nameOf(node);
  const [object, property] = [dottedName(nodeAt(node, 'object')), nameOf(nodeAt(node, 'property'))];
  return object === undefined || property === undefined ? property : `${object}.${property}`;
}

/** Whether a text in the node, whole or a part of a template, is like `wanted`. */
export function mentions(node: SyntaxNode, wanted: RegExp): boolean {
  let found = false;
  visit(node, ({ type, value, raw }) => {
    if (type === 'StringLiteral' && wanted.test(String(value))) found = true;
    if (type === 'TemplateElement' && wanted.test(String(raw))) found = true;
  });
  return found;
}

function lineStarts(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

/** The line that holds a byte: the last that starts at or before it. */
function lineAt(starts: readonly number[], byte: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= byte) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
