/** Something in an app's files that the local cloud cannot deploy. */
export class DeployError extends Error {
  override readonly name = 'LocalCloud.DeployError';
}
