export { foreignJson } from './answers/foreign-json.ts';
export { compileByMap, compileWhole, type MapEntry } from './compile/compile-by-map.ts';
export {
  compileWorkflow,
  DEFAULT_COMPILE_LIMITS,
} from './compile/compile-workflow.ts';
export { waysFrom } from './compile/flow-order.ts';
export { renderMermaid, renderPlan } from './compile/render-plan.ts';
export {
  type CompiledWorkflow,
  fieldsToHydrate,
  isSegmentDefinition,
  type SegmentDefinition,
} from './compile/segment-definition.ts';
export { type Diagnostic, diagnosticText, pathText } from './document/diagnostics.ts';
export { everyNode } from './document/every-node.ts';
export { type CheckedInput, checkInput, type InputProblem } from './document/input-contract.ts';
export { filesBeside, textsBeside } from './document/read-beside.ts';
export { readText } from './document/read-text.ts';
export { scanJson } from './document/scan-json.ts';
export type { Workflow } from './document/workflow.ts';
export { workflowSchema } from './document/workflow-schema.ts';
export { cachedParser, createEvaluator } from './expressions/create-evaluator.ts';
export { guardedHttp } from './http/guarded-http.ts';
export type { HttpRequest } from './http/http-client.ts';
export {
  type CallResult,
  createLedger,
  type Ledger,
  type MetCall,
} from './ledger/ledger.ts';
export type { CallPlace } from './ledger/ledger-key.ts';
export type { InvokeFunction } from './nodes/answers-outside.ts';
export type { CostKind } from './nodes/define-node.ts';
export type { CompiledNode, Flow } from './nodes/flow.ts';
export { nestedFlows } from './nodes/node-config.ts';
export { definitionOf } from './nodes/node-table.ts';
export { type NodeTypeReference, nodeTypeReference } from './nodes/node-type-reference.ts';
export { deployedNodes, loadOwnNodes } from './own/load-own-nodes.ts';
export { type OpenOwnNodes, type OwnNode, type OwnNodes, ownNodes, usesOwnTypes } from './own/own-nodes.ts';
export { askModel, questionOf } from './providers/ask-model.ts';
export { type OpenFile, ownersFiles } from './providers/attached-files.ts';
export { boundedProviders, type CallPlaces } from './providers/bounded-providers.ts';
export { createProviders } from './providers/create-providers.ts';
export type { LlmProviders } from './providers/llm-provider.ts';
export { openProviders } from './providers/open-providers.ts';
export { LIST_PRICES, type OwnPrices, type PriceList, priceList } from './providers/prices.ts';
export { type LlmConfig, readLlmConfig } from './providers/read-llm-config.ts';
export { type MoneyConfig, readMoneyConfig } from './providers/read-money-config.ts';
export {
  bookInMemory,
  type OwnersDay,
  SPEND_ACCOUNTS,
  type SpendAccount,
  type SpendBook,
  type Spent,
  spendOf,
} from './providers/spend-guard.ts';
export { readSsmParameter } from './providers/ssm-parameter.ts';
export { publishDefinition } from './publish-definition.ts';
export { readDocument, readWorkflow } from './read-workflow.ts';
export { evaluateInMemory } from './run/evaluate-in-memory.ts';
export {
  listItems,
  type MapSettings,
  type MapSource,
  mapNodeOf,
  mapSettings,
  type PlacedItem,
  readsOfBody,
  readsOfItems,
  runItems,
} from './run/run-items.ts';
export { runSegment, type SegmentInvocation, type SegmentRun } from './run/run-segment.ts';
export { deployedSecrets } from './secrets/deployed-secrets.ts';
export { kindOfKey } from './secrets/looks-like-key.ts';
