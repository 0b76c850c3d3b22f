/** The definition of the fixture, given the ARN of the function it calls. */
module.exports.greeting = async ({ resolveVariable }) => ({
  StartAt: 'Greet',
  States: {
    Greet: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: await resolveVariable('self:custom.greetArn'), 'Payload.$': '$' },
      ResultSelector: { 'greeting.$': '$.Payload.greeting' },
      End: true,
    },
  },
});
