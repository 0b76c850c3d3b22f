import type { Journal } from '../../ports.ts';
import { prepare } from '../../rows.ts';

export interface Activity {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
}

/** Activities in the journal. */
export interface ActivityStore {
  byArn(arn: string): Activity | undefined;
  list(): readonly Activity[];
  add(activity: Activity): void;
  remove(arn: string): void;
}

export function activityStore({ db }: Journal): ActivityStore {
  const byArn = prepare<Activity>(db, 'SELECT * FROM states_activities WHERE arn = ?');
  const list = prepare<Activity>(db, 'SELECT * FROM states_activities ORDER BY name');
  const insert = prepare(db, 'INSERT INTO states_activities VALUES (?, ?, ?)');
  const remove = prepare(db, 'DELETE FROM states_activities WHERE arn = ?');
  return {
    byArn: (arn) => byArn.get(arn),
    list: () => list.all(),
    add: ({ arn, name, created }) => void insert.run(arn, name, created),
    remove: (arn) => void remove.run(arn),
  };
}
