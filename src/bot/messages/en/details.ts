import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('en');

export const detail = {
  for: (duration: string) => `for ${duration}`,
  latency: (line: string, last: string, mean: string) => `${line} ${last}, mean ${mean}`,
  silenced: (end: string) => `silenced ${end}`,
  checkNow: '▶️ Check now',
  acknowledge: '👤 Acknowledge',
  takeBack: '👤 Take back',
  silence: (span: string) => `🔕 ${span}`,
  untilMorning: '🔕 until morning',
  untilRecovered: '🔕 until recovered',
  endSilence: '🔔 End the silence',
  history: 'History',
  graph: 'Graph',
  recover: 'Recover',
  why: 'Why?',
  back: '‹ Back',
};

export const run = {
  running: (check: string) => `Running ${check} …`,
  notRunning: (check: string) => `${check} did not run: nothing runs here at the moment.`,
};

export const past = {
  available: (span: string, percent: string, ok: number, of: number) =>
    `Available ${span}: ${percent} (${number(ok)} of ${count(of, {one: 'run', other: 'runs'})})`,
  up: (span: string, percent: string) => `Available ${span}: ${percent}`,
  day: '24 h',
  week: '7 days',
  still: 'still down',
  noIncidents: 'No incidents',
};

export const terminals = {
  none: 'No check has targets.',
};

export const log = {
  empty: 'The log is empty.',
  lines: (lines: number) => `The last ${count(lines, {one: 'line', other: 'lines'})} of the log`,
};

export const window = {
  none: 'There are no windows: messages may leave at any time.',
  unknown: (name: string) => `No window is called ${name}.`,
  line: (name: string, isOpen: boolean, until: string) => `${name}: ${isOpen ? 'open' : 'closed'}, ${until}`,
};
