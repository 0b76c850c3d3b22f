// Compose keeps what stacks said in a file for each stage, and gives it to others whichever account and region they
// are deployed to.

const ARN = /^arn:[\w-]+:(?:lambda|states):([a-z0-9-]+):(\d{12}):/;
const BUCKET = /^statebag-state-[a-z0-9-]+?-(\d{12})-([a-z0-9-]+)$/;

/** Where a parameter says that it is; undefined for one that does not. */
function placeOf(value) {
  const [, region, account] = ARN.exec(value) ?? [];
  if (account !== undefined) return { region, account };
  const [, owner, of] = BUCKET.exec(value) ?? [];
  return owner === undefined ? undefined : { region: of, account: owner };
}

/**
 * @param told parameters as `name=value`
 * @throws where one of them is of another account or region than `place`
 */
function refuseOtherPlace(told, place) {
  for (const text of told) {
    const [name = '', ...rest] = text.split('=');
    const found = placeOf(rest.join('='));
    if (found === undefined || (found.region === place.region && found.account === place.account)) continue;
    throw new Error(
      `${name} is of account ${found.account} in ${found.region}, and this stack is deployed to ${place.account} in ${place.region}: Compose has kept it from another deployment of the stage. Deploy by npm run deploy, which asks again, or run npx serverless refresh-outputs first`,
    );
  }
}

module.exports = { refuseOtherPlace };
