// What a stack is told of others. Compose passes it on; a stack that is deployed alone has the templates'
// placeholders, which name who is meant: they are looked up among the outputs of the stage's stacks.
const FUNCTION = /arn:aws:lambda:us-east-1:000000000000:function:(statebag-[a-z-]+)-dev-(\w+):1/g;
const MACHINE = /arn:aws:states:us-east-1:000000000000:stateMachine:statebag-(v3|legacy)-dev/g;
/** Account 000000000000 is nobody's; `none` is what matches nothing on purpose. */
const PLACEHOLDER = /arn:aws:[a-z0-9]+:[a-z0-9-]*:000000000000:(?![a-z]*[/:]none\b)[^"\\]*/g;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The stack and the output that each placeholder of a text means. */
function meant(text, stage) {
  const functions = [...text.matchAll(FUNCTION)].map(([placeholder, service, key]) => ({
    placeholder,
    stack: `${service}-${stage}`,
    output: `${capital(key)}LambdaFunctionQualifiedArn`,
  }));
  const machines = [...text.matchAll(MACHINE)].map(([placeholder, generation]) => ({
    placeholder,
    stack: `statebag-stepfunctions-${stage}`,
    output: `${capital(generation)}LiveArn`,
  }));
  return [...new Map([...functions, ...machines].map((each) => [each.placeholder, each])).values()];
}

/**
 * A template with what it is told of other stacks. `outputsOf` gives the outputs of a stack, or undefined where
 * there is none.
 */
async function toldOfOthers(template, { stage, outputsOf }) {
  let text = JSON.stringify(template);
  const unknown = [];
  for (const { placeholder, stack, output } of meant(text, stage)) {
    const value = (await outputsOf(stack))?.[output];
    if (value === undefined) unknown.push(`${output} of ${stack}`);
    else
      text = text.replaceAll(`${placeholder}"`, `${value}"`).replaceAll(`${placeholder}\\"`, `${value}\\"`);
  }
  if (unknown.length > 0)
    throw new Error(
      `not deployed yet: ${unknown.join(', ')}. Deploy these stacks first, or all of them by npm run deploy`,
    );
  return JSON.parse(text);
}

/** @throws where a template names what belongs to no account */
function refusePlaceholders(template) {
  const found = [...new Set(JSON.stringify(template).match(PLACEHOLDER) ?? [])];
  if (found.length > 0)
    throw new Error(
      `placeholders would be deployed: ${found.join(', ')}. Give them as --param, or deploy all stacks by npm run deploy`,
    );
}

module.exports = { toldOfOthers, refusePlaceholders };
