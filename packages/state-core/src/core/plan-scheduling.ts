import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { SAMPLES } from '@statebag/contracts/limits';
import type { SchedulingSummary } from '@statebag/contracts/schemas/pointers';
import { fieldPointer, type PlanContext, type PlannedWrite, planWrite } from './planned-write.ts';
import { shortened } from './shortened.ts';

/** What stays of a scheduler's account of its batches: its figures, and the way to all of it. */
export interface SchedulingPlan {
  readonly summary: SchedulingSummary;
  readonly writes: readonly PlannedWrite[];
}

/** True for an account with more batches than a bag lists. */
export function isLongSchedule(metadata: Json | undefined): metadata is JsonObject {
  return batchesOf(metadata).length > SAMPLES.batchDetails;
}

/** Stores the full value; only figures stay. */
export function planScheduling(metadata: Json, context: PlanContext): SchedulingPlan {
  const write = planWrite(metadata, 'blobs', context);
  const { total_batches, total_items, priority } = isJsonObject(metadata) ? metadata : {};
  const summary = {
    total_batches: countOf(total_batches) ?? batchesOf(metadata).length,
    priority: briefPriority(priority),
    total_items: countOf(total_items) ?? 0,
    pointer: fieldPointer(write, context.now),
  };
  return { summary, writes: [write] };
}

function batchesOf(metadata: Json | undefined): readonly Json[] {
  const details = isJsonObject(metadata) ? metadata['batch_details'] : undefined;
  return Array.isArray(details) ? details : [];
}

function briefPriority(priority: Json | undefined): Json {
  if (typeof priority === 'string') return shortened(priority, 64);
  return typeof priority === 'number' ? priority : null;
}

function countOf(value: Json | undefined): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}
