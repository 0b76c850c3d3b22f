/** Does the work and beats meanwhile, one beat at a time. A beat that throws ends the work with what it threw. */
export async function whileBeating<Result>(beat: () => Promise<void>, everyMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stopped = new AbortController();
  let underway: Promise<void> | null = null;
  const timer = setInterval(() => {
    underway ??= beat()
      .catch((error: unknown) => stopped.abort(error))
      .finally(() => {
        underway = null;
      });
  }, everyMs);
  try {
    return await work(stopped.signal);
  } finally {
    clearInterval(timer);
    await underway;
  }
}
