import type {NoticeCode} from '../../state/vocabulary.ts';

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
    windowOpened: (count: number) =>
      count === 0 ? 'Nothing is broken now' : `${count} ${count === 1 ? 'check is' : 'checks are'} broken`,
    sinceTime: (time: string) => `since ${time}`,
    missed: (list: string) => `Broke and recovered while the window was closed: ${list}`,
    moreIncidents: (count: number) => `… and ${count} more`,
    acknowledge: 'Acknowledge',
  },
  recovery: {
    isBack: (duration: string) => `is back after ${duration}`,
    removed: 'is no longer watched',
  },
  mark: {
    repeated: '(repeated)',
    late: (duration: string) => `(sent ${duration} late)`,
  },
  notice: {
    store_damaged: (detail) => `A database file was damaged and has been set aside: ${detail}`,
    store_in_memory: (detail) =>
      `The data folder cannot be written (${detail}). Checks and alerts go on from memory; a restart would forget what happens now.`,
    store_back_on_disk: () => 'The data folder can be written again; everything is on the disk.',
    history_failed: (detail) => `The history cannot be written: ${detail}`,
    channel_dead: (detail) => `A channel refuses messages: ${detail}`,
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
  },
  order: {
    unknown: (name: string) => `There is no command /${name}. /help lists them.`,
    notForYou: (role: string) => `This needs the role ${role}.`,
    usage: (usage: string) => `Usage: ${usage}`,
    which: (names: string) => `Which one? ${names}`,
    internal: 'That did not work; the log has the reason.',
  },
  ack: {
    done: (check: string) => `Acknowledged: ${check}`,
    notDown: (check: string) => `${check} is not down; there is nothing to acknowledge.`,
    already: (check: string, name: string) => `${check} is acknowledged by ${name} already; now by you.`,
    nothing: 'Nothing is down.',
  },
  button: {
    expired: 'This button is no longer good.',
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
    json: 'the status map as JSON',
    help: 'this list',
    whoami: 'your id, your role, this chat',
    version: 'what runs here',
  },
};

export type Words = typeof en;
