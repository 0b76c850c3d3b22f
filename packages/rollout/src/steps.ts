/** The weights a rollout takes, one after the other. */
export const STEPS = [1, 10, 50, 100] as const;

/** The first step above a weight; nothing above the last. */
export function nextStep(v3: number): number | undefined {
  return STEPS.find((step) => step > v3);
}
