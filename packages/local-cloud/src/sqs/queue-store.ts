import { fromJson, type Journal, prepare } from '@statebag/states';

/** A queue and what was set on it. */
export interface Queue {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
  readonly modified: number;
}

/** A message in a queue. Times are epoch milliseconds. */
export interface Message {
  /** Its place: messages come in this order. */
  readonly place: number;
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly group_id: string | null;
  readonly dedup_id: string | null;
  readonly sender: string;
  readonly sent: number;
  /** From then on it can be received. */
  readonly visible: number;
  readonly receives: number;
  readonly first_received: number | null;
}

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

type QueueRow = Omit<Queue, 'attributes' | 'tags'> & { readonly attributes: string; readonly tags: string };
type MessageRow = Omit<Message, 'attributes'> & { readonly attributes: string };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_queue (
    name TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sqs_message (
    place INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL, group_id TEXT, dedup_id TEXT, sender TEXT NOT NULL, sent INTEGER NOT NULL,
    visible INTEGER NOT NULL, receives INTEGER NOT NULL, first_received INTEGER);
  CREATE INDEX IF NOT EXISTS sqs_message_by_queue ON sqs_message (queue, visible);
  CREATE TABLE IF NOT EXISTS sqs_sent (
    queue TEXT NOT NULL, dedup_id TEXT NOT NULL, message TEXT NOT NULL, place INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (queue, dedup_id)) WITHOUT ROWID`;

/** Queues and messages in the journal. Writes belong to the journal's open group. */
export interface QueueStore {
  queue(name: string): Queue | undefined;
  queues(prefix: string): readonly Queue[];
  save(queue: Queue): void;
  /** Takes a queue out with its messages. */
  remove(name: string): void;
  purge(name: string): void;
  /** Gives the place of the message. */
  add(message: Omit<Message, 'place'>): number;
  /** Changes what a receipt or a redrive changes. */
  update(message: Message): void;
  take(place: number): void;
  message(place: number): Message | undefined;
  /** Messages that can be received, in their order; of a group only while none before it is out. */
  visible(queue: Queue, at: { now: number; limit: number }): readonly Message[];
  /** When the next message of a queue becomes visible. */
  nextVisible(queue: string, now: number): number | undefined;
  counts(queue: string, now: number): { visible: number; delayed: number; inFlight: number };
  /** Forgets messages that were sent before `sent`. */
  expire(queue: string, sent: number): void;
  /** The message that a deduplication id was sent with a short while ago. */
  sent(queue: string, dedupId: string, now: number): { message: string; place: number } | undefined;
  remember(sent: { queue: string; dedupId: string; message: string; place: number; until: number }): void;
}

export function openQueueStore(journal: Journal): QueueStore {
  journal.write(() => journal.db.exec(SCHEMA));
  return { ...queuesIn(journal), ...messagesIn(journal), ...sentIn(journal) };
}

function queuesIn({ db }: Journal): Pick<QueueStore, 'queue' | 'queues' | 'save' | 'remove' | 'purge'> {
  const one = prepare<QueueRow>(db, 'SELECT * FROM sqs_queue WHERE name = ?');
  const all = prepare<QueueRow>(
    db,
    'SELECT * FROM sqs_queue WHERE substr(name, 1, length(?)) = ? ORDER BY name',
  );
  const upsert = prepare(db, 'INSERT OR REPLACE INTO sqs_queue VALUES (?, ?, ?, ?, ?)');
  const drop = prepare(db, 'DELETE FROM sqs_queue WHERE name = ?');
  const dropMessages = prepare(db, 'DELETE FROM sqs_message WHERE queue = ?');
  const dropSent = prepare(db, 'DELETE FROM sqs_sent WHERE queue = ?');
  const read = (row: QueueRow): Queue => ({
    ...row,
    attributes: fromJson(row.attributes),
    tags: fromJson(row.tags),
  });
  return {
    queue(name) {
      const row = one.get(name);
      return row && read(row);
    },
    queues: (prefix) => all.all(prefix, prefix).map(read),
    save: ({ name, attributes, tags, created, modified }) =>
      void upsert.run(name, JSON.stringify(attributes), JSON.stringify(tags), created, modified),
    remove(name) {
      dropMessages.run(name);
      dropSent.run(name);
      drop.run(name);
    },
    purge: (name) => void dropMessages.run(name),
  };
}

function messagesIn({
  db,
}: Journal): Pick<
  QueueStore,
  'add' | 'update' | 'take' | 'message' | 'visible' | 'nextVisible' | 'counts' | 'expire'
> {
  const insert = db.prepare(
    `INSERT INTO sqs_message (queue, id, body, attributes, group_id, dedup_id, sender, sent, visible, receives,
     first_received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = prepare(
    db,
    'UPDATE sqs_message SET queue = ?, visible = ?, receives = ?, first_received = ? WHERE place = ?',
  );
  const drop = prepare(db, 'DELETE FROM sqs_message WHERE place = ?');
  const one = prepare<MessageRow>(db, 'SELECT * FROM sqs_message WHERE place = ?');
  const plain = prepare<MessageRow>(
    db,
    'SELECT * FROM sqs_message WHERE queue = ? AND visible <= ? ORDER BY place LIMIT ?',
  );
  const inOrder = prepare<MessageRow>(
    db,
    `SELECT * FROM sqs_message AS m WHERE queue = ? AND visible <= ? AND NOT EXISTS (
       SELECT 1 FROM sqs_message AS o WHERE o.queue = m.queue AND o.group_id = m.group_id AND o.place < m.place
       AND o.visible > ?) ORDER BY place LIMIT ?`,
  );
  const next = prepare<{ at: number | null }>(
    db,
    'SELECT min(visible) AS at FROM sqs_message WHERE queue = ? AND visible > ?',
  );
  const counts = prepare<{ visible: number; delayed: number; inFlight: number }>(
    db,
    `SELECT coalesce(sum(visible <= ?), 0) AS visible, coalesce(sum(visible > ? AND receives = 0), 0) AS delayed,
     coalesce(sum(visible > ? AND receives > 0), 0) AS inFlight FROM sqs_message WHERE queue = ?`,
  );
  const expire = prepare(db, 'DELETE FROM sqs_message WHERE queue = ? AND sent < ?');
  const read = (row: MessageRow): Message => ({ ...row, attributes: fromJson(row.attributes) });
  return {
    add: (m) =>
      Number(
        insert.run(
          m.queue,
          m.id,
          m.body,
          JSON.stringify(m.attributes),
          m.group_id,
          m.dedup_id,
          m.sender,
          m.sent,
          m.visible,
          m.receives,
          m.first_received,
        ).lastInsertRowid,
      ),
    update: (m) => void update.run(m.queue, m.visible, m.receives, m.first_received, m.place),
    take: (place) => void drop.run(place),
    message(place) {
      const row = one.get(place);
      return row && read(row);
    },
    visible: ({ name }, { now, limit }) =>
      (name.endsWith('.fifo') ? inOrder.all(name, now, now, limit) : plain.all(name, now, limit)).map(read),
    nextVisible: (queue, now) => next.get(queue, now)?.at ?? undefined,
    counts: (queue, now) => counts.get(now, now, now, queue) ?? { visible: 0, delayed: 0, inFlight: 0 },
    expire: (queue, sent) => void expire.run(queue, sent),
  };
}

function sentIn({ db }: Journal): Pick<QueueStore, 'sent' | 'remember'> {
  const find = prepare<{ message: string; place: number }>(
    db,
    'SELECT message, place FROM sqs_sent WHERE queue = ? AND dedup_id = ? AND until > ?',
  );
  const add = prepare(db, 'INSERT OR REPLACE INTO sqs_sent VALUES (?, ?, ?, ?, ?)');
  return {
    sent: (queue, dedupId, now) => find.get(queue, dedupId, now),
    remember: ({ queue, dedupId, message, place, until }) =>
      void add.run(queue, dedupId, message, place, until),
  };
}
