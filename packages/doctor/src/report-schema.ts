import { type TSchema, Type } from 'typebox';

/** Raised when a member goes or means something else; new members come without. */
export const REPORT_VERSION = 1;

const closed = (properties: Record<string, TSchema>, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });
const words = (...all: readonly string[]) => Type.Unsafe<string>({ type: 'string', enum: [...all] });
const text = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const maybe = Type.Optional;

const Mend = closed(
  {
    why: text('What to do, in a sentence.'),
    joined: maybe(
      Type.Literal(true, { description: 'It belongs to the mend before it; else it is another way.' }),
    ),
    state: maybe(text('The state whose definition changes, or one that is new.')),
    set: maybe(Type.Record(Type.String(), Type.Unknown(), { description: 'Fields with their new values.' })),
    remove: maybe(Type.Array(Type.String(), { description: 'Fields that go.' })),
    lines: maybe(Type.Array(Type.String(), { description: 'Lines to change elsewhere, as they are shown.' })),
  },
  'One way to mend it.',
);

const Finding = closed(
  {
    code: Type.String({ pattern: '^D\\d{3}$', description: 'The rule: docs/doctor/<code>.md.' }),
    title: text('What is wrong, in a few words.'),
    level: words('error', 'warning', 'note'),
    state: maybe(text('The state; without it the whole machine or execution.')),
    message: text('What was found, with numbers.'),
    mends: maybe(Type.Array(Mend)),
  },
  'What a rule found. The worst come first.',
);

const State = closed(
  {
    state: Type.String(),
    visits: count('Times it was entered.'),
    retries: count('Attempts after the first, of all visits.'),
    inputBytes: maybe(count('The most of all visits; absent where it was not recorded.')),
    argumentBytes: maybe(count('The same of what it called with.')),
    resultBytes: maybe(count('The same of what came back.')),
    outputBytes: maybe(count('The same of what it handed on.')),
    events: count('Events of its own in the history.'),
    transitions: count('Transitions of a Standard execution.'),
    usd: Type.Number({ description: 'What these cost, in US dollars.' }),
  },
  'What one state took.',
);

const Largest = closed(
  {
    state: Type.String(),
    what: text('input, arguments, result or output.'),
    bytes: count('Its size.'),
    paths: Type.Array(
      closed(
        {
          path: text('A JSON path; [*] stands for all members of a list.'),
          bytes: count('What the values there take.'),
          values: count('How many they are.'),
        },
        'One of the five paths that take most.',
      ),
    ),
  },
  'The largest data at a transition.',
);

const Loop = closed(
  {
    states: Type.Array(Type.String()),
    map: maybe(text('The Map whose items they are; absent for a loop of the machine.')),
    turns: count('Turns that were made.'),
    events: count('Events that they made.'),
    mostTurns: count('Turns that the history has room for.'),
  },
  'States that were gone through again and again.',
);

const Looked = closed(
  {
    name: text('The ARN or the file.'),
    machine: maybe(text('The ARN of the machine, of an execution that was read from an account.')),
    link: maybe(text('Its page in the console of AWS.')),
    started_by: maybe(
      closed(
        { execution: Type.String(), state: Type.String() },
        'The execution and the state that started it.',
      ),
    ),
    status: maybe(words('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'RUNNING')),
    error: maybe(Type.String()),
    cause: maybe(Type.String()),
    diedIn: maybe(text('The state in which the failure arose.')),
    findings: Type.Array(Finding),
    states: Type.Array(State),
    largest: maybe(Largest),
    events: count('Events in the history, of 25,000.'),
    loops: Type.Array(Loop),
    unknown: Type.Array(Type.String(), { description: 'What cannot be known, and why.' }),
  },
  'An execution, with its definition where that could be read, or a definition alone.',
);

const Closeness = closed(
  {
    limit: words('bytes', 'events'),
    most: Type.Number({ description: 'The most of all executions.' }),
    of: Type.Number({ description: 'The limit.' }),
    share: Type.Number({ description: 'The one divided by the other.' }),
    execution: text('The execution that came closest.'),
    state: maybe(Type.String()),
    perDay: maybe(Type.Number({ description: 'Growth a day; absent with fewer than three executions.' })),
    daysLeft: maybe(
      Type.Number({ description: 'Days until that line meets the limit; absent where it does not rise.' }),
    ),
  },
  'How close a machine came to a limit.',
);

/** What `statebag doctor --json` prints. */
export const DOCTOR_REPORT = Type.Object(
  {
    version: Type.Literal(REPORT_VERSION),
    looked: Type.Array(Looked, { description: 'What was given, each followed by what it started.' }),
    machines: Type.Array(
      closed(
        {
          machine: text('Its ARN.'),
          executions: count('Executions that were looked at.'),
          failed: count('Of these, failed or timed out.'),
          closeness: Type.Array(Closeness),
        },
        'Executions of one machine beside each other.',
      ),
      { description: 'The one that is closest to a limit first.' },
    ),
  },
  { additionalProperties: false, title: 'DoctorReport', $schema: 'http://json-schema.org/draft-07/schema#' },
);
