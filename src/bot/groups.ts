import type {User} from '../config/config.ts';
import {selects} from '../state/silences.ts';
import type {Event} from '../state/vocabulary.ts';
import type {Answer, Call, Command, Desk} from './commands/command.ts';
import {escapeHtml} from './messages/html.ts';

type Groups = NonNullable<User['groups']>;

/**
 * A command by somebody whose role holds for some groups only: the one place that keeps them to these. The command is shown
 * a desk with nothing but their checks on it, and what comes of it is looked at once more before it is carried out. What
 * would be an order on the whole desk is denied rather than called unknown, so that it is written down.
 */
export function runWithin(groups: Groups, command: Command, call: Call, whole: Desk): Answer {
  const refusal: Answer = {lines: [escapeHtml(whole.words.access.yourGroups(groups.join(', ')))], denied: true};
  if (command.everywhere) return refusal;
  const answer = command.run(call, narrowed(whole, groups));
  const isOthers = command.role !== 'viewer' && !isDeed(answer) && isDeed(command.run(call, whole));
  return isOthers ? refusal : kept(answer);

  /** The answer with all that it causes kept to the groups. */
  function kept(one: Answer): Answer {
    const events = one.events?.map((event) => within(event, groups, whole));
    if (events?.some((event) => event === undefined)) return refusal;
    const {later} = one;
    return {
      ...one,
      ...(events && {events: events.filter((event) => event !== undefined)}),
      ...(later && {later: async () => kept(await later())}),
    };
  }
}

/** Commands are pure: an order is what asks for something to be done. */
function isDeed({events, access, afterwards}: Answer): boolean {
  return events !== undefined || access !== undefined || afterwards !== undefined;
}

/** Spelt out, so that whoever adds something to the desk decides what people of single groups see of it. */
function narrowed(desk: Desk, groups: Groups): Desk {
  const {words, config} = desk;
  const checks = config.checks.filter(({group}) => isOneOf(group, groups));
  const names = new Set(checks.map(({name}) => name));
  const only = ` ${words.access.yourGroups(groups.join(', '))}`;
  return {
    words: {
      ...words,
      status: {...words.status, noCheck: (name) => words.status.noCheck(name) + only},
      silence: {...words.silence, matchesNothing: (what) => words.silence.matchesNothing(what) + only},
    },
    format: desk.format,
    unchosen: desk.unchosen,
    server: desk.server,
    version: desk.version,
    config: {...config, checks},
    commands: desk.commands.filter(({everywhere}) => !everywhere),
    view: () => desk.view().filter(({config: {name}}) => names.has(name)),
    statusMap: () => Object.fromEntries(Object.entries(desk.statusMap()).filter(([name]) => names.has(name))),
    silences: () => desk.silences().filter(({what}) => checks.some((check) => selects(what, check))),
    duty: desk.duty,
    reload: () => {},
    explain: (check, now) => (names.has(check) ? desk.explain(check, now) : undefined),
    backlog: desk.backlog,
    deadChannels: desk.deadChannels,
    history: {
      raw: async (query) => (names.has(query.check) ? await desk.history.raw(query) : []),
      rollups: async (query) => (names.has(query.check) ? await desk.history.rollups(query) : []),
      slots: async (query) => (names.has(query.check) ? await desk.history.slots(query) : []),
      begins: async () => (await desk.history.begins()).filter(({check}) => names.has(check)),
    },
    incidents: (check, page) => (names.has(check) ? desk.incidents(check, page) : []),
    incidentsWithin: async (span) => (await desk.incidentsWithin(span)).filter(({check}) => names.has(check)),
    plannedWithin: desk.plannedWithin,
    paint: desk.paint,
    runNow: async (check) => names.has(check) && (await desk.runNow(check)),
    logLines: () => [],
    access: NO_ACCESS,
  };
}

/** For whoever may not look at people, and where there are none. */
export const NO_ACCESS: Desk['access'] = {
  user: () => undefined,
  users: () => [],
  invites: () => [],
  invite: () => undefined,
  nextInvite: () => 0,
  audit: () => [],
};

/** The event, kept to checks of these groups; undefined if it reaches beyond them, or is about anything else. */
function within(event: Event, groups: Groups, whole: Desk): Event | undefined {
  const {checks} = whole.config;
  const isTheirs = (name: string) => checks.some((check) => check.name === name && isOneOf(check.group, groups));
  switch (event.kind) {
    case 'acknowledged':
    case 'unacknowledged':
    case 'recovery_ordered':
    case 'recovery_reset':
      return isTheirs(event.check) ? event : undefined;
    case 'silenced': {
      const {silence} = event;
      const {what} = silence;
      if (what.kind === 'check') return isTheirs(what.name) ? event : undefined;
      if (what.kind === 'group') return groups.includes(what.group) ? event : undefined;
      return {...event, silence: {...silence, what: {...what, within: groups}}};
    }
    case 'unsilenced': {
      const ended = whole.silences().find(({id}) => id === event.id);
      const meant = checks.filter((check) => ended && selects(ended.what, check));
      return meant.every(({group}) => isOneOf(group, groups)) ? event : undefined;
    }
    default:
      return undefined;
  }
}

function isOneOf(group: string | undefined, groups: Groups): boolean {
  return group !== undefined && groups.includes(group);
}
