import type { MapItem } from '../language/data-flow.ts';
import type { Phase } from '../program/execution.ts';
import type { Frame, Program, Run } from '../program/program.ts';
import type { PayloadStore } from './payloads.ts';

/** A frame as the journal has it. */
interface FrameBody {
  readonly parent: number | null;
  readonly slot: number;
  readonly state: string;
  readonly received: string;
  readonly assigned?: string;
  readonly lastEvent: number;
  readonly enteredAt: number;
  readonly enteredId: number;
  readonly retries: number[];
  readonly item: MapItem | null;
  readonly phase: Phase;
}

export function encodeFrame(frame: Frame, payloads: PayloadStore): string {
  const { parent, slot, state, received, assigned, lastEvent, enteredAt, enteredId, retries, item } = frame;
  const body: Omit<FrameBody, 'phase'> & { phase: unknown } = {
    parent: parent?.id ?? null,
    slot,
    state: state.name,
    received: payloads.encode(received),
    ...(assigned ? { assigned: payloads.encode(assigned) } : {}),
    lastEvent,
    enteredAt,
    enteredId,
    retries,
    item: item ?? null,
    phase: encodePhase(frame.phase, payloads),
  };
  return JSON.stringify(body);
}

function encodePhase(phase: Phase, payloads: PayloadStore): unknown {
  switch (phase.kind) {
    case 'task':
      return { ...phase, parameters: payloads.encode(phase.parameters) };
    case 'children':
      return { ...phase, argument: payloads.encode(phase.argument) };
    default:
      return phase;
  }
}

/** Puts a frame back into its run. Parents come before their children. */
export function restoreFrame(
  run: Run,
  row: { readonly id: number; readonly body: string },
  payloads: PayloadStore,
): Frame {
  const body = JSON.parse(row.body) as FrameBody; // parse boundary: written by encodeFrame
  const parent = body.parent === null ? undefined : run.frames.get(body.parent);
  const program = parent ? programOf(parent, body.slot) : run.program;
  const at = { state: body.state, received: payloads.decode(body.received), lastEvent: body.lastEvent };
  const frame = run.adopt({ id: row.id, program, parent, slot: body.slot, item: body.item ?? undefined }, at);
  frame.enteredAt = body.enteredAt;
  frame.enteredId = body.enteredId;
  frame.retries = body.retries;
  frame.assigned = body.assigned === undefined ? undefined : payloads.decode(body.assigned);
  frame.phase = decodePhase(body.phase, payloads);
  return frame;
}

function programOf(parent: Frame, slot: number): Program {
  const programs = parent.state.behaviour.programs ?? [];
  const program = programs[parent.state.type === 'Map' ? 0 : slot];
  if (!program) throw new Error(`state '${parent.state.name}' has no program ${slot}`);
  return program;
}

function decodePhase(phase: Phase, payloads: PayloadStore): Phase {
  // A payload is a column text in the journal, which the type of a live phase cannot say.
  const column = (value: unknown): string => String(value);
  if (phase.kind === 'task') return { ...phase, parameters: payloads.decode(column(phase.parameters)) };
  if (phase.kind === 'children') return { ...phase, argument: payloads.decode(column(phase.argument)) };
  return phase;
}
