// Whom alarms reach: a topic that is there, or one with an address that is told. Every stack with alarms asks here.
const topicName = (stage) => `statebag-alarms-${stage}`;

/** What an alarm does when it goes off, and when it is over. */
module.exports.alarmActions = ({ topic, email, stage }) => {
  if (topic === '' && email === '') return {};
  const own = {
    'Fn::Sub': `arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:${topicName(stage)}`,
  };
  const actions = [topic === '' ? own : topic];
  return { AlarmActions: actions, OKActions: actions };
};

/** The topic for an address. SNS asks whoever reads it to agree, once. */
module.exports.alarmTopic = ({ email, stage }) =>
  email === ''
    ? {}
    : {
        AlarmTopic: {
          Type: 'AWS::SNS::Topic',
          Properties: {
            TopicName: topicName(stage),
            Subscription: [{ Protocol: 'email', Endpoint: email }],
          },
        },
      };
