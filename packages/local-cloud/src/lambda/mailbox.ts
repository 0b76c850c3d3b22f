/** Messages in the order they came, for one reader that waits for the next. */
export interface Mailbox<Message> {
  put(message: Message): void;
  next(): Promise<Message>;
}

/** Creates an empty mailbox. */
export function createMailbox<Message>(): Mailbox<Message> {
  const unread: Message[] = [];
  let waiting: ((message: Message) => void) | undefined;
  return {
    put: (message) => {
      const reader = waiting;
      waiting = undefined;
      if (reader === undefined) unread.push(message);
      else reader(message);
    },
    next: () => {
      const [message] = unread.splice(0, 1);
      return message !== undefined
        ? Promise.resolve(message)
        : new Promise((resolve) => {
            waiting = resolve;
          });
    },
  };
}
