export { compileByMap, compileWhole, type MapEntry } from './compile/compile-by-map.ts';
export { COMPILER_VERSION, type Compatibility, type CompileLimits, compileWorkflow, DEFAULT_COMPILE_LIMITS } from './compile/compile-workflow.ts';
export type { CompiledNode, Flow } from './compile/flow.ts';
export { waysFrom } from './compile/flow-order.ts';
export { nestedFlows } from './compile/nested-flows.ts';
export { renderMermaid, renderPlan } from './compile/render-plan.ts';
export { type CompiledWorkflow, fieldsToHydrate, isSegmentDefinition, type SegmentDefinition } from './compile/segment-definition.ts';
export { type DocumentSource, type ReadWorkflow, readDocument } from './document/check-document.ts';
export { type Diagnostic, diagnosticText } from './document/diagnostics.ts';
export { readWorkflow } from './document/read-workflow.ts';
export type { Workflow } from './document/workflow.ts';
export { workflowSchema } from './document/workflow-schema.ts';
export { guardedHttp, type HttpSettings } from './http/guarded-http.ts';
export type { HttpAnswer, HttpClient, HttpRequest } from './http/http-client.ts';
export { type CallPlace, type CallResult, createLedger, type Ledger, type LedgerOwner } from './ledger/ledger.ts';
export type { AnswerApproval, InvokeFunction } from './nodes/define-node.ts';
export { type NodeTypeReference, nodeTypeReference } from './nodes/node-type-reference.ts';
export { askModel, questionOf } from './providers/ask-model.ts';
export { createProviders, PROVIDER_NAMES } from './providers/create-providers.ts';
export type { LlmAnswer, LlmProvider, LlmProviders, LlmRequest } from './providers/llm-provider.ts';
export { openProviders, type ReadParameter } from './providers/open-providers.ts';
export { costOf as costOfTokens } from './providers/prices.ts';
export type { ProviderSettings } from './providers/provider-settings.ts';
export { type LlmConfig, type ProviderConfig, readLlmConfig } from './providers/read-llm-config.ts';
export { readSsmParameter } from './providers/ssm-parameter.ts';
export { publishDefinition } from './publish-definition.ts';
export { evaluateInMemory, type MemoryRun } from './run/evaluate-in-memory.ts';
export {
  type ItemEnd,
  type ListInvocation,
  listItems,
  type MapInvocation,
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
