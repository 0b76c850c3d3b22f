/** How a run stands, in the API's words: what the service calls aborted was cancelled where somebody wanted it so. */
export function runStatus({ status = 'FAILED', error }: { readonly status?: string | undefined; readonly error?: string | undefined }): string {
  return status === 'ABORTED' && error === 'Run.Cancelled' ? 'CANCELLED' : status;
}
