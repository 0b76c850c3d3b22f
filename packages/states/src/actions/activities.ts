import type { Activity } from '../engine/activities.ts';
import { apiErrors } from '../engine/api-errors.ts';
import { activityArn, isActivityArn } from '../engine/arns.ts';
import type { Engine } from '../engine/engine.ts';
import type { JsonActions } from '../ports/services.ts';
import { checkMachineName, pageOf, Request, wireTime } from './request.ts';
import { readTags } from './tags.ts';

/** Activities, and the polls of their workers. */
export function activityActions(engine: Engine): JsonActions {
  return {
    async CreateActivity(input) {
      const request = new Request(input);
      const name = request.requiredText('name');
      checkMachineName(name);
      const arn = activityArn(engine, name);
      const known = engine.activityStore.byArn(arn);
      const activity = known ?? { arn, name, created: engine.clock.now(), tags: readTags(request) };
      if (!known) engine.write(() => engine.activityStore.save(activity));
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
      const { items, next } = pageOf(engine.activityStore.list(), new Request(input), ({ name }) => name);
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
  if (!isActivityArn(arn)) throw apiErrors.invalidArn(arn);
  const activity = engine.activityStore.byArn(arn);
  if (!activity) throw apiErrors.noActivity(arn);
  return activity;
}

const summary = ({ arn, name, created }: Activity): object => ({
  activityArn: arn,
  name,
  creationDate: wireTime(created),
});
