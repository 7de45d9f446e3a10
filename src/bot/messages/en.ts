import type {HoldReason, NoticeCode, Result} from '../../state/vocabulary.ts';

/** Every word that people read. A language is one file like this one, of the type `Words`. */
export const en = {
  locale: 'en',
  card: {
    isDown: 'is down',
    recoveredAfter: (duration: string) => `recovered after ${duration}`,
    removedAfter: (duration: string) => `left the configuration after ${duration} of being down`,
    failuresSince: (failures: number, time: string) =>
      `${failures} ${failures === 1 ? 'failure' : 'failures'}, down since ${time}`,
    downFromTo: (from: string, to: string) => `Down from ${from} to ${to}`,
    targetsDown: (count: number, of: number) => `${count} of ${of} targets are down:`,
    moreTargets: (count: number) => `… and ${count} more`,
    was: (reason: string) => `It was: ${reason}`,
    acknowledgedBy: (name: string, time: string) => `Acknowledged by ${name} at ${time}`,
    acknowledgedUntil: (time: string) => `until ${time}`,
    delayed: (duration: string) => `This channel could not be reached; the oldest news is ${duration} late.`,
    broken: (count: number) =>
      count === 0 ? 'Nothing of this is broken now' : `${count} ${count === 1 ? 'check is' : 'checks are'} down`,
    cutOff: (server: string) => `${server} is cut off: none of its guards answers, so other failures are not counted`,
    sinceTime: (time: string) => `since ${time}`,
    missed: (list: string) => `Broke and recovered meanwhile: ${list}`,
    moreIncidents: (count: number) => `… and ${count} more`,
    acknowledge: 'Acknowledge',
  },
  recovery: {
    isBack: (duration: string) => `is back after ${duration}`,
    removed: 'is no longer watched',
  },
  reminder: {
    stillDown: (duration: string) => `is still down, for ${duration}`,
  },
  flapping: {
    started: 'is flapping: no more messages of it until that ends',
    ended: (duration: string, isDown: boolean) =>
      `stopped flapping after ${duration}; it is ${isDown ? 'down' : 'fine'}`,
  },
  mark: {
    repeated: '(repeated)',
    late: (duration: string) => `(sent ${duration} late)`,
  },
  system: {
    title: 'System info',
    server: 'Server',
    address: 'Address',
    os: 'OS',
    uptime: 'Uptime',
    load: 'Load (1, 5, 15 min)',
  },
  notice: {
    store_damaged: (detail) => `A database file was damaged and has been set aside: ${detail}`,
    store_in_memory: (detail) =>
      `The data folder cannot be written (${detail}). Checks and alerts go on from memory; a restart would forget what happens now.`,
    store_back_on_disk: () => 'The data folder can be written again; everything is on the disk.',
    history_failed: (detail) => `The history cannot be written: ${detail}`,
    channel_dead: (detail) => `A channel refuses messages: ${detail}`,
    config_reloaded: (detail) => `The configuration was read again: ${detail}`,
    config_refused: (detail) => `The changed configuration has mistakes; the former one goes on.\n${detail}`,
  } satisfies Record<NoticeCode, (detail: string) => string>,
  status: {
    allWell: (count: number) => (count === 1 ? 'The one check is fine' : `All ${count} checks are fine`),
    problems: (bad: number, count: number) => `${bad} of ${count} ${count === 1 ? 'check' : 'checks'} down`,
    unknown: 'not run yet',
    soft: (errors: number, failAfter: number) => `failure ${errors} of ${failAfter}`,
    inconclusive: 'inconclusive',
    downTargets: (down: number, of: number) => `${down} of ${of} targets down`,
    okTargets: (ok: number, of: number) => `${ok} of ${of} targets`,
    more: (count: number) => `… and ${count} more`,
    undelivered: (count: number, duration: string) =>
      `${count} ${count === 1 ? 'message waits' : 'messages wait'} to be delivered, the oldest for ${duration}`,
    deadChannel: (channel: string, reason: string) => `Channel ${channel} refuses messages: ${reason}`,
    noCheck: (name: string) => `No check is called ${name}.`,
    flapping: 'flapping',
    held: {
      outside_window: 'outside its window',
      silenced: 'silenced',
      maintenance: 'in maintenance',
      parent_down: 'its parent is down',
      flapping: 'flapping',
    } satisfies Record<HoldReason, string>,
  },
  order: {
    unknown: (name: string) => `There is no command /${name}. /help lists them.`,
    notForYou: (role: string) => `This needs the role ${role}.`,
    usage: (usage: string) => `Usage: ${usage}`,
    example: (example: string) => `For example: ${example}`,
    which: (names: string) => `Which one? ${names}`,
    moreLetters: (count: number) => `… and ${count} more: type more letters`,
    internal: 'That did not work; the log has the reason.',
  },
  ack: {
    done: (check: string) => `Acknowledged: ${check}`,
    notDown: (check: string) => `${check} is not down; there is nothing to acknowledge.`,
    already: (check: string, name: string) => `${check} is acknowledged by ${name} already; now by you.`,
    nothing: 'Nothing is down.',
    notAcknowledged: (check: string) => `${check} is not acknowledged.`,
    takenBack: (check: string) => `No longer acknowledged: ${check}`,
  },
  silence: {
    kind: {silence: 'silence', maintenance: 'maintenance'},
    done: (kind: 'silence' | 'maintenance', what: string, checks: number, end: string) =>
      `${kind === 'silence' ? 'Silenced' : 'In maintenance'}: ${what} (${checks} ${checks === 1 ? 'check' : 'checks'}), until ${end}`,
    untilRecovered: 'it has recovered',
    matchesNothing: (what: string) => `${what} matches no check.`,
    nothingDown: (what: string) => `Nothing of ${what} is down; give a time such as 2h.`,
    none: 'Nothing is silenced.',
    noSuch: (what: string) => `There is no silence ${what}; /silences lists them.`,
    ended: (what: string) => `No longer silenced: ${what}`,
  },
  reload: {
    begun: 'Reading the configuration again.',
  },
  why: {
    fineSince: (time: string) => `Fine since ${time}`,
    downSince: (time: string) => `Down since ${time}`,
    counter: (errors: number, failAfter: number, successes: number, recoverAfter: number) =>
      `Counter: ${errors} ${errors === 1 ? 'failure' : 'failures'} (down at ${failAfter}), ${successes} of ${recoverAfter} oks to recover`,
    lastRun: (result: Result, time: string, reason: string) =>
      `Last run at ${time}: ${result}${reason === '' ? '' : `, ${reason}`}`,
    brokeWith: (reason: string) => `It broke with: ${reason}`,
    window: (name: string, isOpen: boolean, end: string) => `Window ${name}: ${isOpen ? 'open' : 'closed'}, ${end}`,
    noWindow: 'Window: none, always open',
    until: (time: string) => `until ${time}`,
    noEnd: 'with no end in sight',
    planned: (end: string) => `Planned maintenance, ${end}`,
    silence: (kind: string, what: string, end: string, name: string, why: string) =>
      `A ${kind} of ${what} by ${name}, until ${end}${why === '' ? '' : `: ${why}`}`,
    parent: (name: string, isDown: boolean) => `${name} (${isDown ? 'down' : 'fine'})`,
    parents: (list: string) => `Depends on: ${list}`,
    changing: (percent: number, since: string | undefined) =>
      `Results change by ${percent}%${since === undefined ? '' : `, flapping since ${since}`}`,
    decided: (decision: string, reason: string, time: string) => `Last decision: ${decision} ${reason}, at ${time}`,
    undecided: 'Last decision: none so far',
    wouldHold: (reason: string, time: string | undefined) =>
      `News are held now: ${reason}${time === undefined ? '' : `, until ${time}`}`,
    reminder: (time: string) => `Next reminder at ${time}`,
    escalation: (time: string, list: string) => `Next escalation at ${time}, to ${list}`,
    delivered: (channel: string) => `${channel}: everything is delivered`,
  },
  button: {
    expired: 'This button is no longer good.',
    used: 'This button has been pressed already.',
    notYours: 'This button is for somebody else.',
  },
  confirm: {
    really: (order: string) => `Really ${order} ?`,
    yes: 'Yes',
    no: 'No',
    typeYes: (duration: string) => `Type yes within ${duration}.`,
    dropped: 'Nothing was done.',
  },
  whoami: {
    you: (name: string, id: number, role: string) => `${name}, id ${id}, role ${role}`,
    console: 'You sit at the console: role admin',
    chat: (id: number) => `This chat: ${id}`,
    thread: (id: number) => `This topic: ${id}`,
  },
  help: {
    intro: (server: string) => `Vakhta watches ${server}. Commands:`,
    role: (role: string) => `(${role})`,
    status: 'what is down, then how the rest is',
    ack: 'say that you are on it',
    unack: 'take an acknowledgement back',
    silence: 'say nothing of these checks for a while',
    unsilence: 'end a silence or a maintenance',
    silences: 'what is silenced, by whom, until when',
    maintenance: 'a silence that is planned, and kept out of the availability',
    reload: 'read the configuration again',
    why: 'why people hear of a check, or do not',
    json: 'the status map as JSON',
    help: 'this list',
    whoami: 'your id, your role, this chat',
    version: 'what runs here',
  },
};

export type Words = typeof en;
