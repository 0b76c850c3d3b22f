import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import { activityArn } from '../run/arns.ts';
import type { Engine } from '../run/engine.ts';
import type { Activity } from '../store/activity-store.ts';
import { checkMachineName } from './machines.ts';
import { pageOf, readPage } from './paging.ts';
import { Request, wireTime } from './request.ts';

/** Activities, and the polls of their workers. */
export function activityActions(engine: Engine): JsonActions {
  return {
    async CreateActivity(input) {
      const name = new Request(input).requiredText('name');
      checkMachineName(name);
      const arn = activityArn(engine, name);
      const known = engine.activityStore.byArn(arn);
      const activity = known ?? { arn, name, created: engine.clock.now() };
      if (!known) engine.write(() => engine.activityStore.add(activity));
      return { activityArn: arn, creationDate: wireTime(activity.created) };
    },
    async DeleteActivity(input) {
      const arn = new Request(input).requiredText('activityArn');
      engine.write(() => engine.activityStore.remove(arn));
      return {};
    },
    async DescribeActivity(input) {
      return summary(activityOf(engine, new Request(input)));
    },
    async ListActivities(input) {
      const { items, next } = pageOf(engine.activityStore.list(), readPage(new Request(input)));
      return { activities: items.map(summary), ...next };
    },
    async GetActivityTask(input) {
      const request = new Request(input);
      const { arn } = activityOf(engine, request);
      return { ...(await engine.activities.take(arn, request.text('workerName') ?? '')) };
    },
  };
}

function activityOf(engine: Engine, request: Request): Activity {
  const arn = request.requiredText('activityArn');
  const activity = engine.activityStore.byArn(arn);
  if (!activity) throw apiErrors.noActivity(arn);
  return activity;
}

const summary = ({ arn, name, created }: Activity): object => ({ activityArn: arn, name, creationDate: wireTime(created) });
