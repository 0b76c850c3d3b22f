/** What the doctor asks of AWS, as a policy: it reads, and changes nothing. */
export const RIGHTS = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'StatebagDoctor',
      Effect: 'Allow',
      Action: [
        'states:DescribeExecution',
        'states:DescribeMapRun',
        'states:DescribeStateMachine',
        'states:DescribeStateMachineForExecution',
        'states:GetExecutionHistory',
        'states:ListExecutions',
      ],
      Resource: '*',
    },
    {
      Sid: 'ExpressExecutionsStandInLogs',
      Effect: 'Allow',
      Action: ['logs:FilterLogEvents'],
      Resource: 'arn:aws:logs:*:*:log-group:/aws/vendedlogs/states/*',
    },
  ],
} as const;
