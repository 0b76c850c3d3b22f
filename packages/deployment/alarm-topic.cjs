// Whom alarms reach: a topic that is there, or one with an address that is told. Every stack with alarms asks here.
const topicName = (stage) => `statebag-alarms-${stage}`;

async function chosen({ resolveVariable }) {
  const value = async (name) => String(await resolveVariable(name));
  return {
    stage: await value('sls:stage'),
    topic: await value('self:custom.alarmTopicArn'),
    email: await value('self:custom.alarmEmail'),
  };
}

/** What an alarm does when it goes off, and when it is over. */
module.exports.actions = async (resolver) => {
  const { stage, topic, email } = await chosen(resolver);
  if (topic === '' && email === '') return {};
  const own = {
    'Fn::Sub': `arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:${topicName(stage)}`,
  };
  const actions = [topic === '' ? own : topic];
  return { AlarmActions: actions, OKActions: actions };
};

/** The topic for an address, where there is no other. SNS asks whoever reads it to agree, once. */
module.exports.resources = async (resolver) => {
  const { stage, topic, email } = await chosen(resolver);
  if (email === '' || topic !== '') return { Resources: {} };
  const Subscription = [{ Protocol: 'email', Endpoint: email }];
  return {
    Resources: {
      AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: topicName(stage), Subscription } },
    },
  };
};
