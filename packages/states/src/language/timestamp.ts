const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * Epoch milliseconds (with a fraction) of an ISO 8601 timestamp with T and offset, or undefined where it is
 * none.
 */
export function parseTimestamp(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = SHAPE.exec(text);
  if (!parts) return undefined;
  const [, , month, day, hour, minute, second, fraction = '0', offset] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const whole = Date.parse(`${parts[1]}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (
    Number.isNaN(whole) ||
    new Date(Date.UTC(Number(parts[1]), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)
  )
    return undefined;
  return whole + Number(`0.${fraction}`) * 1000;
}
