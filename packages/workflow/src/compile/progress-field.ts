const PREFIX = '__progress:';

/** The field that keeps what an unfinished node has so far. Expressions do not see it, documents may not name it. */
export function progressFieldOf(nodeId: string): string {
  return PREFIX + nodeId;
}

export function isProgressField(field: string): boolean {
  return field.startsWith(PREFIX);
}
