/** Where the engine lives, for the ARNs that it makes. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

const arn = ({ region, account }: Place, rest: string): string =>
  `arn:aws:states:${region}:${account}:${rest}`;

export const machineArn = (place: Place, name: string): string => arn(place, `stateMachine:${name}`);

export const activityArn = (place: Place, name: string): string => arn(place, `activity:${name}`);

/** `machine` is a machine's name, or `name/label` for the children of a map run. */
export const executionArn = (place: Place, machine: string, name: string): string =>
  arn(place, `execution:${machine}:${name}`);

export const expressArn = (
  place: Place,
  { machine, name, id }: { machine: string; name: string; id: string },
): string => arn(place, `express:${machine}:${name}:${id}`);

export const mapRunArn = (
  place: Place,
  { machine, label, id }: { machine: string; label: string; id: string },
): string => arn(place, `mapRun:${machine}/${label}:${id}`);

/**
 * A machine ARN in its parts; `qualifier` is a version number or an alias. Undefined: no ARN of a machine.
 */
export function parseMachineArn(
  text: string,
): { readonly arn: string; readonly name: string; readonly qualifier: string | undefined } | undefined {
  const parts = /^(arn:aws[\w-]*:states:[\w-]+:\d{12}:stateMachine:([^:]{1,80}))(?::([^:]+))?$/.exec(text);
  return parts?.[1] && parts[2] ? { arn: parts[1], name: parts[2], qualifier: parts[3] } : undefined;
}

export const isExecutionArn = (text: string): boolean =>
  /^arn:aws[\w-]*:states:[\w-]+:\d{12}:(execution|express):[^:]+:.+$/.test(text);

export const isActivityArn = (text: string): boolean =>
  /^arn:aws[\w-]*:states:[\w-]+:\d{12}:activity:[^:]{1,80}$/.test(text);
