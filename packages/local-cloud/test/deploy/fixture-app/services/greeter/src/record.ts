export const handler = async (event: unknown): Promise<void> => {
  process.stdout.write(`${JSON.stringify({ recorded: event })}\n`);
};
