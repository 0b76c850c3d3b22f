/** For who works out what a workflow may come to, without running it. */
export { compileFlow } from './compile/compile-flow.ts';
export { inOrder, predecessors, waysFrom } from './compile/flow-order.ts';
export { inputsOf } from './document/input-contract.ts';
export { cachedParser, type ParseText } from './expressions/create-evaluator.ts';
export { parseExpression } from './expressions/parse-expression.ts';
export type { ParsedText } from './expressions/parse-text.ts';
export type { SyntaxNode } from './expressions/syntax-tree.ts';
export { scopedField } from './nodes/field-scope.ts';
export type { BranchFlow } from './nodes/flow.ts';
export { progressFieldOf } from './nodes/flow.ts';
export { branchesOf } from './nodes/node-config.ts';
export { GUARDED_ANSWER_TOKENS } from './providers/spend-guard.ts';
